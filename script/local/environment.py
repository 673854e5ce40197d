"""The environment of our processes."""

import os
from pathlib import Path

from script.local import node, settings
from script.local.place import Place
from script.local.preflight import port


def emptied(folder: Path) -> Path:
    """The folder without the files of processes that are gone: each start counts from zero."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.db"):
        file.unlink()
    return folder


def environment(place: Place) -> dict[str, str]:
    """What `manage.py` and the Procfile's processes get; what the caller set wins."""
    number = port()
    defaults = {
        **settings.read(place.env_file),
        "PORT": str(number),
        "PUBLIC_URL": f"http://127.0.0.1:{number}",
        "PYTHONUNBUFFERED": "1",
        "PROMETHEUS_MULTIPROC_DIR": str(emptied(place.root / "metrics")),
    }
    if "DATABASE_URL" in os.environ:
        # The render role of our own cluster is no role of somebody else's server.
        defaults["RENDER_DATABASE_URL"] = os.environ["DATABASE_URL"]
    return {**defaults, **os.environ, "PATH": node.path()}
