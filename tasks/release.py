"""The Celery task of releases."""

from core.celery import app


@app.task(name="tasks.carry_out_release")
def carry_out_release(pk: int) -> None:
    """Carry out release `pk`."""
    # What finds dirty tiles loads shapely, which the web process, where this is sent, must not.
    from tasks import releasing  # noqa: PLC0415

    releasing.carry_out(pk)
