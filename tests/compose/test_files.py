"""What can be said of the containers' files without a container."""

import os
import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings

COMPOSE = settings.BASE_DIR / "compose"


def run(*command: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a script with more in its environment."""
    return subprocess.run(
        [str(word) for word in command],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_compose_file_fits_the_specification() -> None:
    checker = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec")
    done = run(*checker, COMPOSE / "compose.yaml")
    assert done.returncode == 0, done.stdout


def test_every_process_of_the_procfile_is_a_service() -> None:
    procfile = (settings.BASE_DIR / "Procfile").read_text("utf-8")
    commands = re.findall(r"command: \[(\w+)\]", (COMPOSE / "compose.yaml").read_text("utf-8"))
    assert set(re.findall(r"^(\w+):", procfile, re.MULTILINE)) == set(commands) - {"setup"}


def test_secrets_are_made_once(tmp_path: Path) -> None:
    first = run(COMPOSE / "make-secrets", tmp_path)
    made = {path: path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file()}
    again = run(COMPOSE / "make-secrets", tmp_path)
    assert (first.returncode, again.returncode, again.stdout) == (0, 0, "")
    assert {path: path.read_text("utf-8") for path in made} == made
    assert len(set(made.values())) == 7


def test_the_database_urls_have_the_passwords_of_the_roles(tmp_path: Path) -> None:
    run(COMPOSE / "make-secrets", tmp_path, DATABASE_HOST="db")
    for file, role, secret in (
        ("database-url", "graticule", "owner-password"),
        ("render-database-url", "graticule_render", "render-password"),
    ):
        password = (tmp_path / "database" / secret).read_text("utf-8").strip()
        url = (tmp_path / "app" / file).read_text("utf-8").strip()
        assert url == f"postgresql://{role}:{password}@db/graticule"


def test_an_unknown_word_is_answered_with_the_usage() -> None:
    done = run(COMPOSE / "entrypoint", "nonsense")
    assert done.returncode == 64
    assert "compose/entrypoint web | listener | worker | beat" in done.stderr


def test_a_process_that_is_not_there_is_not_healthy() -> None:
    done = run(COMPOSE / "entrypoint", "healthy", "web", PORT="1")
    assert done.returncode == 1
    assert "refused" in done.stderr


def test_a_certificate_wants_a_public_address_with_https(tmp_path: Path) -> None:
    for name in ("fullchain.pem", "privkey.pem"):
        (tmp_path / name).write_text("x", "utf-8")
    done = run(
        COMPOSE / "nginx" / "start",
        TLS_DIR=str(tmp_path),
        RUN_DIR=str(tmp_path / "run"),
        PUBLIC_URL="http://maps.example",
    )
    assert done.returncode == 1
    assert "PUBLIC_URL must start with https://" in done.stderr


def test_every_kind_of_static_file_has_a_type_in_nginx() -> None:
    site = (COMPOSE / "nginx" / "site.conf").read_text("utf-8")
    types = site.partition("types {")[2].partition("}")[0]
    known = {word for line in types.splitlines() for word in line.strip(" ;").split()[1:]}
    ours = ("core", "styles", "tasks", "viewer")
    folders = [settings.BUILD_DIR / "vendor", *(settings.BASE_DIR / one / "static" for one in ours)]
    found = {file.suffix.strip(".") for folder in folders for file in folder.rglob("*.*")}
    assert found - known == set()
