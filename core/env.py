"""Typed readers of the environment that fail loudly.

A value comes from `NAME`, else from the file that `NAME_FILE` names (for secrets), else from
`.local/env`, where `script/server` notes the private servers it started, else from the default.
"""

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


class BadSetting(ValueError):
    """A setting in the environment cannot be used; the message names it and the remedy."""


def local_file(path: Path) -> dict[str, str]:
    """The `KEY=VALUE` lines of `path`, or nothing when there is no such file."""
    if not path.is_file():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip() for key, value in pairs}


class Env:
    """Reads settings from `environ`, falling back to `fallback`."""

    def __init__(self, fallback: dict[str, str], environ: dict[str, str] | None = None) -> None:
        self._fallback = fallback
        self._environ = dict(os.environ) if environ is None else environ

    def text(self, name: str, default: str | None = None) -> str:
        """The setting as text; raises BadSetting when it is missing and has no default."""
        if name in self._environ:
            return self._environ[name]
        if file := self._environ.get(f"{name}_FILE"):
            return self._read(name, Path(file))
        value = self._fallback.get(name, default)
        if value is None:
            raise BadSetting(f"{name} is not set. Set it, or start with script/server.")
        return value

    @staticmethod
    def _read(name: str, file: Path) -> str:
        try:
            return file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise BadSetting(f"{name}_FILE={file} cannot be read: {error.strerror}.") from error

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """The setting as a whole number from `low` to `high`."""
        text = self.text(name, str(default))
        if not re.fullmatch("-?[0-9]{1,18}", text) or not low <= int(text) <= high:
            raise BadSetting(f"{name}={text!r} must be a whole number from {low} to {high}.")
        return int(text)

    def words(self, name: str, default: str = "") -> list[str]:
        """The setting as a list split at commas."""
        return [word.strip() for word in self.text(name, default).split(",") if word.strip()]

    def flag(self, name: str, default: bool) -> bool:
        """The setting as yes or no."""
        text = self.text(name, "1" if default else "0").lower()
        if text in {"1", "true", "yes", "on"}:
            return True
        if text in {"0", "false", "no", "off", ""}:
            return False
        raise BadSetting(f"{name}={text!r} must be 1 or 0.")

    def url(self, name: str, schemes: tuple[str, ...], default: str | None = None) -> str:
        """The setting as a URL with one of `schemes`."""
        text = self.text(name, default)
        if urlsplit(text).scheme not in schemes:
            raise BadSetting(f"{name} must start with one of {', '.join(schemes)} and '://'.")
        return text


def postgres_dict(url: str) -> dict[str, Any]:
    """Connection parameters of libpq out of a `postgresql://` URL.

    A socket directory is given as `?host=/path`; other query keys go to libpq as they are.
    """
    parts = urlsplit(url)
    found: dict[str, Any] = {"dbname": unquote(parts.path.lstrip("/"))}
    if parts.hostname:
        found["host"] = unquote(parts.hostname)
    if parts.port:
        found["port"] = parts.port
    if parts.username:
        found["user"] = unquote(parts.username)
    if parts.password:
        found["password"] = unquote(parts.password)
    found.update({key: values[-1] for key, values in parse_qs(parts.query).items()})
    return found


def patient(parameters: dict[str, Any]) -> dict[str, Any]:
    """libpq parameters with an end to waiting: a server that hangs must not hang us.

    Three seconds to connect, ten for what was sent and is not acknowledged.
    """
    return {"connect_timeout": 3, "tcp_user_timeout": 10_000, **parameters}


def celery_url(redis_url: str) -> str:
    """The same Redis in the words of Celery, which calls a socket `redis+socket://`."""
    if not redis_url.startswith("unix://"):
        return redis_url
    rest = redis_url.removeprefix("unix://")
    path, _, query = rest.partition("?")
    db = parse_qs(query).get("db", ["0"])[-1]
    return f"redis+socket://{path}?virtual_host={db}"
