"""Fetching demo packages: only the tested bytes, whole or not at all, nothing outside."""

import hashlib
import io
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from core.demo import fetch


@pytest.fixture
def downloads(settings: object, tmp_path: Path) -> Path:
    settings.BUILD_DIR = tmp_path  # type: ignore[attr-defined]
    return tmp_path / "downloads"


def registry(archive: Path) -> list[str]:
    """A stand-in for a package client: puts `archive` into the folder it is run in."""
    code = "import shutil, sys; shutil.copy(sys.argv[1], '.')"
    return [sys.executable, "-c", code, str(archive)]


def a_zip(folder: Path, members: dict[str, str]) -> Path:
    path = folder / "thing.whl"
    with zipfile.ZipFile(path, "w") as opened:
        for name, text in members.items():
            opened.writestr(name, text)
    return path


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_only_the_wanted_files_are_unpacked_and_the_archive_is_not_kept(
    downloads: Path, tmp_path: Path
) -> None:
    archive = a_zip(tmp_path, {"data/a.json": "{}", "code.py": "boom"})
    found = fetch._package("thing", registry(archive), sha(archive), "data/*", lambda _: None)
    assert [p.relative_to(found).as_posix() for p in found.rglob("*") if p.is_file()] == [
        "data/a.json"
    ]
    assert [p.name for p in downloads.iterdir()] == ["thing"]


def test_a_second_call_fetches_nothing(downloads: Path, tmp_path: Path) -> None:
    archive = a_zip(tmp_path, {"a": "1"})
    first = fetch._package("thing", registry(archive), sha(archive), "*", lambda _: None)
    assert first == fetch._package("thing", ["/nowhere"], None, "*", lambda _: None)


def test_other_bytes_are_refused_and_leave_nothing_behind(downloads: Path, tmp_path: Path) -> None:
    archive = a_zip(tmp_path, {"a": "1"})
    with pytest.raises(fetch.Unfetchable, match="is not the file that was tested"):
        fetch._package("thing", registry(archive), "0" * 64, "*", lambda _: None)
    assert list(downloads.iterdir()) == []


def test_a_file_outside_the_folder_is_refused(downloads: Path, tmp_path: Path) -> None:
    archive = tmp_path / "thing.tgz"
    with tarfile.open(archive, "w:gz") as opened:
        info = tarfile.TarInfo("../../escaped")
        info.size = 1
        opened.addfile(info, io.BytesIO(b"x"))
    with pytest.raises(fetch.Unfetchable, match="outside its folder"):
        fetch._package("thing", registry(archive), sha(archive), "*", lambda _: None)
    assert not (tmp_path / "escaped").exists()
    assert list(downloads.iterdir()) == []


def test_a_failing_client_becomes_one_sentence_with_a_remedy(downloads: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no such package')"]
    with pytest.raises(fetch.Unfetchable, match=r"no such package\. Check the network and run"):
        fetch._package("thing", command, None, "*", lambda _: None)
