"""Tile queries through a pooler: each statement brings its settings along, and is not prepared.

What a session is told does not last there (see `core.pooler`): the next statement may run in
another one. Several statements in one message are one transaction, which no pooler divides.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg2
from psycopg2.extensions import connection as PostgresConnection  # noqa: N812 - a class

# A quoted name or text is taken whole, so that a `$1` in it stays; see `psycopg2.sql`.
_PARAMETER = re.compile(r""""(?:[^"]|"")*"|'(?:[^']|'')*'|\$(\d+)""")
REFUSED = "startup parameter"
# Of a transaction that is under way, this is the setting.
NOW = {"default_transaction_read_only": "transaction_read_only"}


def connect(parameters: Mapping[str, Any], session: Mapping[str, str]) -> PostgresConnection:
    """A connection in autocommit with the settings of `session`, as far as a pooler takes them.

    Raises psycopg2.OperationalError.
    """
    options = " ".join(f"-c {key}={value.replace(' ', '')}" for key, value in session.items())
    try:
        made: PostgresConnection = psycopg2.connect(**parameters, options=options)
    except psycopg2.OperationalError as error:
        if REFUSED not in str(error):
            raise
        made = psycopg2.connect(**parameters)
    made.autocommit = True
    return made


def locally(session: Mapping[str, str]) -> str:
    """SQL that makes the settings of `session` for the rest of its message."""
    return " ".join(f"SET LOCAL {NOW.get(key, key)} = '{session[key]}';" for key in session)


def inlined(text: str, values: Sequence[int]) -> str:
    """SQL with numbers in the place of its parameters `$1`, `$2` …

    >>> inlined('''SELECT $1, "$1", '$1' ''', [7])
    'SELECT 7, "$1", \\'$1\\' '
    """

    def filled(found: re.Match[str]) -> str:
        return found[0] if found[1] is None else str(int(values[int(found[1]) - 1]))

    return _PARAMETER.sub(filled, text)
