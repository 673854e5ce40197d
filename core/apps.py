"""The core application: the domain that every other package stands on."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Publications"

    def ready(self) -> None:
        from core import checks  # noqa: PLC0415 - models must be loaded first
        from core.changelog import deletions  # noqa: PLC0415
        from core.release import held  # noqa: PLC0415

        checks.register()
        held.follow_deletions()
        deletions.follow()
