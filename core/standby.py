"""A standby lags behind: what it shows may be older than a change that was already heard of.

A tile that is rendered there after its expiry would be old, and kept as if it were new.
"""

from psycopg2.extensions import connection as PostgresConnection  # noqa: N812 - a class

REFUSAL = (
    "RENDER_DATABASE_URL leads to a standby, whose rows may be older than the change log says."
)
REMEDY = (
    "Let it name the primary, or add target_session_attrs=read-write to a URL of several hosts."
)


def is_standby(connection: PostgresConnection) -> bool:
    """True when the server replays another's log; raises psycopg2.Error.

    Servers from version 14 on say it as they greet, so it costs nothing to ask.
    """
    said = connection.info.parameter_status("in_hot_standby")
    if said is not None:
        return said == "on"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        row = cursor.fetchone()
    return bool(row and row[0])
