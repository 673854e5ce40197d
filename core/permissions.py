"""Permissions of the REST API."""

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from core.access import caller_of

if TYPE_CHECKING:
    # Importing it at run time asks the settings for the classes below: a circle.
    from rest_framework.views import APIView


class ReadAllowedWriteStaff(BasePermission):
    """Anyone may read (what a queryset leaves them); only staff may write."""

    message = "Only staff may change things. Log in at /admin/."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """True for reading, and for staff."""
        return request.method in SAFE_METHODS or caller_of(request._request).is_staff


class StaffOnly(BasePermission):
    """For what is the operators' business."""

    message = "Only staff may see this. Log in at /admin/."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """True for staff."""
        return caller_of(request._request).is_staff
