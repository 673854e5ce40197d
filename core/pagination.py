"""Lists of the REST API, in parts of a bounded size."""

from urllib.parse import urlsplit

from django.utils.encoding import escape_uri_path
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request

from core.public_url import absolute

MAX_OFFSET = 1_000_000_000


class BoundedPagination(LimitOffsetPagination):
    """`limit` and `offset`, neither of them larger than the database takes."""

    max_limit = 1000

    def get_offset(self, request: Request) -> int:
        """The offset that was asked for, or the largest there is."""
        return min(super().get_offset(request), MAX_OFFSET)

    def get_next_link(self) -> str | None:
        """The public address of the next part, or None after the last one."""
        return self._public(super().get_next_link())

    def get_previous_link(self) -> str | None:
        """The public address of the part before, or None for the first one."""
        return self._public(super().get_previous_link())

    def _public(self, link: str | None) -> str | None:
        """The link without the host that the request named, which is whatever the client likes."""
        if link is None or self.request is None:
            return None
        # `path` begins with the path of PUBLIC_URL, `path_info` does not.
        path = escape_uri_path(self.request.path_info)
        return absolute(f"{path}?{urlsplit(link).query}")
