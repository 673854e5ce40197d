"""A role called graticule must not make its tables in the schema of the log."""

from django.db import connection

from core.changelog import schema
from tests.database import execute


def test_a_table_without_a_schema_does_not_land_in_the_log(committed: None) -> None:
    with connection.cursor() as cursor:
        schema.install(cursor)
    connection.close()
    execute("CREATE TABLE strayed (id integer)")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = 'strayed'"
        )
        found = cursor.fetchall()
        cursor.execute("DROP TABLE strayed")
    assert found == [("public",)]
