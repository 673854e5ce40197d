"""The feed as lines of text, for commands."""

from datetime import UTC

from core.feed.entries import APPLIED, UNUSED, WAITING, Entry

STATES = {WAITING: "waiting", UNUSED: "no Layer uses it"}


def line(entry: Entry) -> str:
    """One entry: when, in what, what, by whom, what was done about it."""
    by = " ".join(part for part in (entry.who, _in_brackets(entry.application)) if part)
    parts = (
        f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
        ", ".join(entry.layers) or entry.relation,
        entry.what,
        f"by {by}" if by else "",
        _done(entry),
    )
    return "  ".join(part for part in parts if part)


def _in_brackets(text: str) -> str:
    return f"({text})" if text else ""


def _done(entry: Entry) -> str:
    if entry.state != APPLIED:
        return STATES.get(entry.state, "")
    whole = [one.layer for one in entry.effects if one.applied.whole]
    if whole:
        return f"everything of {', '.join(whole)} in {entry.seconds or 0:.2f} s"
    return f"{entry.dirty:,} dirty, {entry.cached:,} cached, in {entry.seconds or 0:.2f} s"
