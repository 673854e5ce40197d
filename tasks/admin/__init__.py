"""Admin screens of warming."""

from tasks.admin.run import RunAdmin
from tasks.admin.schedule import ScheduleAdmin

__all__ = ["RunAdmin", "ScheduleAdmin"]
