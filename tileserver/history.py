"""What names the history of a database: after a restore or a failover it is another."""

import hashlib
from contextlib import closing

import psycopg2
from django.conf import settings

from core.env import patient, postgres_dict
from core.problems import Unavailable
from tileserver.sql import SQL_VERSION

_QUERY = """
SELECT concat_ws('/', s.system_identifier, c.timeline_id, d.oid, postgis_full_version(),
                 (SELECT epoch FROM core_revision WHERE id = 1))
FROM pg_control_system() s, pg_control_checkpoint() c, pg_database d
WHERE d.datname = current_database()
"""


def ask() -> str:
    """12 hexadecimal digits: of the database's history, and of what renders its tiles."""
    try:
        asked = psycopg2.connect(**patient(postgres_dict(settings.DATABASE_URL)))
        with closing(asked) as made, made.cursor() as cur:
            cur.execute(_QUERY)
            row = cur.fetchone()
    except psycopg2.Error as error:
        raise Unavailable("The database does not answer. Try again soon.") from error
    named = f"{row[0] if row else ''}/{SQL_VERSION}"
    return hashlib.blake2b(named.encode(), digest_size=6).hexdigest()
