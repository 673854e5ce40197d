"""Check servers that the environment names; runs in the virtual environment.

`python -m script.local.given` exits with 1 after one plain sentence on standard error.
"""

import os
import sys

import psycopg2
import redis

from script.local.say import Failure, failure


def check_postgres(url: str) -> None:
    """Raise Failure if the database cannot be reached or has no PostGIS and takes none."""
    try:
        connection = psycopg2.connect(url, connect_timeout=10)
    except psycopg2.OperationalError as error:
        said = str(error).strip().splitlines()[0]
        raise Failure(f"DATABASE_URL cannot be used: {said}", "Correct or unset it.") from None
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    except psycopg2.Error as error:
        raise Failure(
            f"The database of DATABASE_URL has no PostGIS: {str(error).strip().splitlines()[0]}",
            "As its superuser: CREATE EXTENSION postgis;",
        ) from None
    finally:
        connection.close()


def check_redis(url: str) -> None:
    """Raise Failure if Redis does not answer."""
    try:
        redis.from_url(url, socket_connect_timeout=10, socket_timeout=10).ping()
    except (redis.RedisError, ValueError) as error:
        raise Failure(f"REDIS_URL cannot be used: {error}", "Correct or unset it.") from None


def main() -> int:
    """Check what is given."""
    try:
        if "DATABASE_URL" in os.environ:
            check_postgres(os.environ["DATABASE_URL"])
        if "REDIS_URL" in os.environ:
            check_redis(os.environ["REDIS_URL"])
    except Failure as problem:
        failure(problem)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
