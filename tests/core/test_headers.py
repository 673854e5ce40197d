"""Pages say how they may be used; tiles and documents are spared what says nothing of them."""

import pytest
from django.test import Client

OF_PAGES = {
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
}


@pytest.mark.parametrize("path", ["/admin/login/", "/api/docs/"])
def test_a_page_says_who_may_frame_it_and_what_it_tells_others(stranger: Client, path: str) -> None:
    headers = stranger.get(path).headers
    assert {name: headers[name] for name in OF_PAGES} == OF_PAGES
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_of_the_viewer_says_it_in_its_policy(stranger: Client) -> None:
    headers = stranger.get("/").headers
    assert headers["Content-Security-Policy"].endswith("frame-ancestors 'self'")
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/tiles/world/0/0/0.mvt", "/tiles/world.json", "/catalog.json"])
def test_a_tile_or_document_says_only_what_is_about_it(stranger: Client, path: str) -> None:
    headers = stranger.get(path).headers
    assert not set(OF_PAGES) & set(headers)
    assert headers["X-Content-Type-Options"] == "nosniff"
