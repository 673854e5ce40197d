"""The side environment: Python packages that only the benchmark wants, in a folder of its own."""

import subprocess
import sys
from pathlib import Path

from benchmarks.datasets.dataset import Report

# Newer ones may be as good; these are what docs/performance.md speaks of.
PACKAGES = ("pyarrow==26.0.1", "tipg==1.6.1", "uvicorn==0.54.0")


def environment(folder: Path, report: Report) -> Path:
    """The Python of the side environment, made if need be; raises CalledProcessError."""
    home = folder / "venv"
    python, done = home / "bin" / "python", home / "packages"
    if done.is_file() and done.read_text() == " ".join(PACKAGES):
        return python
    report(f"Making the side environment with {', '.join(PACKAGES)} ...")
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, *PACKAGES], check=True, timeout=600)
    done.write_text(" ".join(PACKAGES))
    return python
