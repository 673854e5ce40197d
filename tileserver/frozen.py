"""Frozen tilesets: the version in their tile URLs, under which clients keep a tile for good."""

from core.selection import Selection
from tileserver import db
from tileserver.encode import digest_of

VERSION_DIGITS = 12


def version(selection: Selection) -> str:
    """What stands in `?v=` of its tile URLs; "" for a selection that is not frozen.

    Another one whenever its tiles may be others: of another epoch, with a member or a generation
    more, or under another byte budget. Raises Unavailable while the epoch cannot be asked for.
    """
    if not selection.frozen:
        return ""
    made_of = f"{db.epoch()} {selection.making} {selection.byte_budget}"
    return digest_of(made_of.encode())[:VERSION_DIGITS]
