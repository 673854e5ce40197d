"""When a Layer goes, so do the triggers that nobody else needs."""

import logging
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete

from core.changelog import tracking
from core.models import Layer, Overview

logger = logging.getLogger(__name__)


def follow() -> None:
    """Drop unneeded triggers after each deletion of a Layer or an overview."""
    for model in (Layer, Overview):
        post_delete.connect(_deleted, sender=model, dispatch_uid=f"triggers of {model.__name__}")


def _deleted(**_: Any) -> None:
    """Afterwards, so that who deletes a Layer waits for no lock on its table."""
    transaction.on_commit(_release, robust=True)


def _release() -> None:
    fault = tracking.release_unused()
    if fault:
        logger.warning("triggers that nobody needs are dropped later: %s", fault)
