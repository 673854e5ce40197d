"""Lists of the REST API, in parts of a bounded size."""

from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request

MAX_OFFSET = 1_000_000_000


class BoundedPagination(LimitOffsetPagination):
    """`limit` and `offset`, neither of them larger than the database takes."""

    max_limit = 1000

    def get_offset(self, request: Request) -> int:
        """The offset that was asked for, or the largest there is."""
        return min(super().get_offset(request), MAX_OFFSET)
