"""The revision of what is published: one number that any process can watch."""

from django.db import models


class Revision(models.Model):
    """One row, raised by triggers in the same transaction as any change of what is published.

    Triggers rather than signals, so that a change made with plain SQL is noticed as well.
    """

    value = models.BigIntegerField(default=1)
    epoch = models.BigIntegerField(
        default=1, help_text="Raised by hand after a restore: nothing cached before is believed."
    )

    def __str__(self) -> str:
        return str(self.value)
