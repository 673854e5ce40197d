#!/usr/bin/env python3
"""Django's command line for Graticule."""

import os
import sys
from pathlib import Path

VENV = Path(__file__).resolve().parent / ".venv"


def main() -> None:
    """Run a command, in the checkout's virtual environment if this Python has no Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings")
    try:
        from django.core.management import execute_from_command_line  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        if missing.name != "django":
            raise
        go_on_in_venv()
    else:
        execute_from_command_line(sys.argv)


def go_on_in_venv() -> None:
    """Become the same command in the virtual environment, unless this is it."""
    python = VENV / "bin" / "python"
    if not python.exists() or Path(sys.prefix).resolve() == VENV.resolve():
        sys.exit("Django is not installed here. script/bootstrap installs what is missing.")
    os.execv(python, [str(python), *sys.argv])  # noqa: S606 - no shell is our rule


if __name__ == "__main__":
    main()
