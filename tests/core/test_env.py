"""Settings out of the environment: typed, and loud when they cannot be used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.env import BadSetting, Env, celery_url, local_file, postgres_dict

CHECKOUT = Path(__file__).resolve().parents[2]


def env(**values: str) -> Env:
    """An environment with these variables and no others."""
    return Env({}, values)


def test_what_is_set_wins_over_a_file_and_a_file_over_what_script_server_noted(
    tmp_path: Path,
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from the file\n")
    noted = {"KEY": "noted"}
    everything = {"KEY": "set", "KEY_FILE": str(secret)}
    assert Env(noted, everything).text("KEY", "default") == "set"
    assert Env(noted, {"KEY_FILE": str(secret)}).text("KEY", "default") == "from the file"
    assert Env(noted, {}).text("KEY", "default") == "noted"
    assert Env({}, {}).text("KEY", "default") == "default"


def test_what_is_missing_is_named_with_a_remedy() -> None:
    with pytest.raises(BadSetting, match=r"SECRET_KEY is not set\. .*script/server"):
        env().text("SECRET_KEY")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"KEY_FILE=.*nowhere cannot be read"):
        env(KEY_FILE=str(tmp_path / "nowhere")).text("KEY")


@pytest.mark.parametrize(
    "text", ["", "5.0", "five", "--5", "5-", " 5", "0", "11", "٥", "1e1", "9" * 99]
)
def test_a_number_that_is_none_or_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(BadSetting, match=r"PORT=.* must be a whole number from 1 to 10"):
        env(PORT=text).integer("PORT", 5, 1, 10)


def test_numbers_flags_and_words() -> None:
    assert env(N="7").integer("N", 5, 1, 10) == 7
    assert env().integer("N", 5, 1, 10) == 5
    assert env(N="-3").integer("N", 5, -10, 10) == -3
    assert [env(F=text).flag("F", False) for text in ("1", "TRUE", "yes", "on")] == [True] * 4
    assert [env(F=text).flag("F", True) for text in ("0", "false", "No", "off", "")] == [False] * 5
    assert env(W=" a, b ,,c").words("W") == ["a", "b", "c"]
    with pytest.raises(BadSetting, match="must be 1 or 0"):
        env(F="maybe").flag("F", False)


@pytest.mark.parametrize("url", ["", "mysql://host/db", "localhost/db", "postgresql"])
def test_a_url_of_another_scheme_is_refused(url: str) -> None:
    with pytest.raises(BadSetting, match="must start with one of postgres, postgresql"):
        env(DATABASE_URL=url).url("DATABASE_URL", ("postgres", "postgresql"))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p@h:5433/d", {"user": "u", "password": "p", "host": "h", "port": 5433}),
        ("postgresql://u%40x:p%2F%3A@h/d", {"user": "u@x", "password": "p/:", "host": "h"}),
        ("postgresql:///d?host=/run/pg", {"host": "/run/pg"}),
        ("postgresql://u@h/d?sslmode=require", {"user": "u", "host": "h", "sslmode": "require"}),
        ("postgresql://[::1]/d", {"host": "::1"}),
    ],
)
def test_database_urls(url: str, expected: dict[str, object]) -> None:
    assert postgres_dict(url) == {"dbname": "d", **expected}


def test_the_redis_url_in_the_words_of_celery() -> None:
    assert celery_url("redis://h:1/2") == "redis://h:1/2"
    assert celery_url("unix:///run/r.sock?db=3") == "redis+socket:///run/r.sock?virtual_host=3"
    assert celery_url("unix:///run/r.sock") == "redis+socket:///run/r.sock?virtual_host=0"


def test_the_noted_settings_are_lines_of_key_and_value(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("# a note\nA=1\n B = two=2 \n\nnothing\n", encoding="utf-8")
    assert local_file(file) == {"A": "1", "B": "two=2"}
    assert local_file(tmp_path / "nowhere") == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [("TILE_QUERIES", "many"), ("DATABASE_URL", "sqlite:///x"), ("REDIS_URL", "memcached://x"),
     ("PUBLIC_URL", "town.example"), ("BEHIND_PROXY", "perhaps")],
)  # fmt: skip
def test_a_program_with_a_bad_setting_does_not_start(name: str, value: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=CHECKOUT, env={**os.environ, name: value}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert f"BadSetting: {name}" in done.stderr
