"""The private servers, really started at a place of their own."""

import shutil
from collections.abc import Iterator

import psycopg2
import pytest
import redis

from script.local import records, settings
from script.local.account import server_account
from script.local.place import Place
from script.local.servers import Servers, stop

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A place with both servers running."""
    made = Place(tmp_path_factory.mktemp("place"))
    started = Servers(made).start()
    yield made
    stop(started)
    data = made.data(server_account())
    shutil.rmtree(data / "postgres")
    if data != made.root:
        data.rmdir()
    assert list(made.run.glob("*.pid")) == []
    made.sockets.rmdir()


def ask(place: Place, name: str, question: str) -> object:
    connection = psycopg2.connect(settings.read(place.env_file)[name])
    with connection, connection.cursor() as cursor:
        cursor.execute(question)
        row = cursor.fetchone()
    connection.close()
    return row and row[0]


def test_the_owner_has_postgis_and_may_make_databases(place: Place) -> None:
    assert str(ask(place, "DATABASE_URL", "SELECT postgis_version()")).startswith("3")
    question = "SELECT rolcreatedb AND NOT rolsuper FROM pg_roles WHERE rolname = current_user"
    assert ask(place, "DATABASE_URL", question) is True


def test_the_render_role_has_nine_connections_and_no_more(place: Place) -> None:
    question = "SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user"
    assert ask(place, "RENDER_DATABASE_URL", question) == 9


def test_postgres_listens_on_no_network_and_speaks_utf8(place: Place) -> None:
    assert ask(place, "DATABASE_URL", "SHOW listen_addresses") == ""
    assert ask(place, "DATABASE_URL", "SHOW server_encoding") == "UTF8"


def test_a_wrong_password_is_refused(place: Place) -> None:
    url = f"postgresql://graticule:wrong@/graticule?host={place.sockets}"
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(url)


def test_redis_keeps_queues_and_drops_tiles(place: Place) -> None:
    client = redis.from_url(settings.read(place.env_file)["REDIS_URL"])
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "volatile-lru"}
    assert client.config_get("port") == {"port": "0"}
    client.close()


def test_nobody_else_may_look_in(place: Place) -> None:
    account = server_account()
    for folder in (place.sockets, place.data(account) / "postgres"):
        assert folder.stat().st_mode & 0o777 == 0o700
        assert folder.stat().st_uid == account.uid
    assert place.env_file.stat().st_mode & 0o777 == 0o600


def test_an_address_that_a_killed_server_left_is_forgotten(place: Place) -> None:
    before = settings.read(place.env_file)
    settings.write(place.env_file, {**before, "PUBLIC_URL": "http://127.0.0.1:8310"})
    Servers(place).furnish()
    assert settings.read(place.env_file) == before


def test_starting_again_keeps_the_passwords(place: Place) -> None:
    before = settings.read(place.env_file)
    Servers(place).furnish()
    assert settings.read(place.env_file) == before
    record = records.read(place.run, "postgres")
    assert record is not None
    assert record.leader_alive
