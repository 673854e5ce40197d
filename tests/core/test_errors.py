"""Errors at the addresses of programs are documents, whatever the client would rather have."""

import pytest
from django.test import Client

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/tiles/nothing.json", 404), ("/tiles/nothing/0/0/0.mvt", 404), ("/tiles/", 404),
        ("/styles/nothing/style.json", 404), ("/fonts/x/y.pbf", 400), ("/api/v1/nothing", 404),
        ("/preview/tiles/nothing.json", 404), ("/preview/tiles/nothing/0/0/0.mvt", 404),
        ("/preview/tiles/nothing/changes", 404), ("/preview/tiles/", 404),
        ("/preview/styles/nothing/style.json", 404), ("/preview/catalog.json", 404),
    ],
)  # fmt: skip
def test_a_program_is_told_in_a_document(stranger: Client, path: str, status: int) -> None:
    answer = stranger.get(path, headers=BROWSER)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status


@pytest.mark.parametrize("path", ["/metrics", "/catalog.json", "/live.js", "/preview/catalog.json"])
def test_a_wrong_method_too(stranger: Client, path: str) -> None:
    answer = stranger.post(path, headers=BROWSER)
    assert answer.status_code == 405
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_who_may_not_measure_is_told_in_a_document(stranger: Client) -> None:
    answer = stranger.get("/metrics", headers=BROWSER, REMOTE_ADDR="192.0.2.1")
    assert answer.status_code >= 400
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/nothing", "/preview/", "/preview/nothing", "/embed/nothing"])
def test_a_person_still_gets_a_page(stranger: Client, path: str) -> None:
    answer = stranger.get(path, headers=BROWSER)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")
