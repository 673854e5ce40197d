"""Why a release does not take place, as facts."""


class CannotRelease(ValueError):
    """The content cannot be taken; the message names the fault and the remedy. Nothing changed."""


class Stopped(Exception):
    """Whoever asked for the release has taken it back. Nothing changed."""
