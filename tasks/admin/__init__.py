"""Admin screens of long work: warming and releases."""

from tasks.admin.release import ReleaseAdmin
from tasks.admin.run import RunAdmin
from tasks.admin.schedule import ScheduleAdmin

__all__ = ["ReleaseAdmin", "RunAdmin", "ScheduleAdmin"]
