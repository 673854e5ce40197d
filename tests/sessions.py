"""Sessions of people who are logged in, for pages in a real browser."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.cached_db import SessionStore
from django.db import connection
from playwright.sync_api import Page
from pytest_django import DjangoDbBlocker


@contextmanager
def superuser_session(name: str, blocker: DjangoDbBlocker) -> Iterator[str]:
    """The key of the session of a superuser, who goes afterwards.

    To be made before the browser, which keeps the ORM out.
    """
    with blocker.unblock():
        user = User.objects.create_superuser(name, password="correct horse battery")
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        connection.close()
    yield str(session.session_key)
    with blocker.unblock():
        user.delete()
        connection.close()


def log_in(page: Page, session_key: str, site: str) -> None:
    """Give the page the cookie of a session."""
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_key, "url": site}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
