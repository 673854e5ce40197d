"""What a result must say about where it came from."""

import os
import platform
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django_redis import get_redis_connection

from benchmarks import datasets
from benchmarks.place import CHECKOUT, Place
from benchmarks.plan import Plan

SETTINGS = (
    "shared_buffers", "work_mem", "max_connections", "synchronous_commit", "random_page_cost",
    "effective_cache_size", "max_parallel_workers_per_gather", "jit", "wal_compression",
)  # fmt: skip


def about(place: Place, plan: Plan) -> dict[str, Any]:
    """Machine, versions, commit, settings and data."""
    return {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": machine(),
        "versions": versions(place),
        "postgresql": postgresql_settings(place),
        "plan": {
            "seconds": plan.seconds,
            "rounds": plan.rounds,
            "share": plan.share,
            "seed": plan.seed,
            "datasets": {name: datasets.ALL[name].words for name in plan.datasets},
        },
    }


def commit() -> str:
    """The commit of the checkout, with a + if files were changed since; empty without git."""
    asked = ["git", "-C", str(CHECKOUT), "describe", "--always", "--abbrev=7", "--dirty=+"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def machine() -> dict[str, Any]:
    """Processor, memory, system."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": models[0] if models else platform.machine(),
        "processors": os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", ""),
        "kernel": platform.release(),
        "load_before": os.getloadavg()[0],
    }


def versions(place: Place) -> dict[str, str]:
    """Of what the tiles go through."""
    with closing(place.connect()) as made, made.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), postgis_lib_version()")
        postgres, postgis = cursor.fetchone() or ("", "")
    packages = ("Django", "gunicorn", "psycopg2-binary", "redis", "isal")
    return {
        "PostgreSQL": postgres,
        "PostGIS": postgis,
        "Redis": str(get_redis_connection("tiles").info("server")["redis_version"]),
        "Python": platform.python_version(),
        **{name: version(name) for name in packages},
        "wrk": wrk(),
    }


def wrk() -> str:
    """wrk's version; it says so with an exit code of 1."""
    try:
        said = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""
    return said.split("[")[0].removeprefix("wrk").strip()


def postgresql_settings(place: Place) -> dict[str, str]:
    """The settings of the server that matter here."""
    with closing(place.connect()) as made, made.cursor() as cursor:
        query = "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY(%s)"
        cursor.execute(query, [list(SETTINGS)])
        return dict(cursor.fetchall())
