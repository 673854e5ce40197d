"""Finding a place by the beginning of any of its names."""

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper

from core.demo import search, tables
from core.demo.search import Entry

ENTRIES = [
    Entry("Paris", ("Paříž", "巴黎"), "capital", "France", 0.2, 2_100_000, 2.35, 48.85, 8),
    Entry("Paris", (), "town", "United States", 0.6, 25_000, -95.55, 33.66, 11),
    Entry("Parisot", (), "town", "France", 0.7, 900, 1.86, 44.26, 11),
    Entry("São Paulo", ('Sampa "the big"',), "city", "Brazil", 0.3, 12_400_000, -46.6, -23.5, 7),
    Entry("100% Ort", (), "town", "Nowhere", 0.9, 1, 0, 0, 11),
]


@pytest.fixture
def cursor(db: None) -> CursorWrapper:
    opened = connection.cursor()
    opened.execute("CREATE SCHEMA IF NOT EXISTS demo")
    opened.execute("DROP TABLE IF EXISTS demo.search_terms, demo.search")
    search.replace(opened, "here", ENTRIES)
    return opened


def found(cursor: CursorWrapper, text: str) -> list[tuple[str, str]]:
    return [(entry.name, entry.context) for entry in search.find(cursor, text, 10)]


def test_an_exact_name_comes_first_then_the_important(cursor: CursorWrapper) -> None:
    assert found(cursor, "PARIS") == [
        ("Paris", "France"),
        ("Paris", "United States"),
        ("Parisot", "France"),
    ]


@pytest.mark.parametrize("text", ["sao pau", "São", "paulo", "sampa", "  SAO   paulo "])
def test_accents_case_spaces_and_later_words_do_not_matter(
    cursor: CursorWrapper, text: str
) -> None:
    assert found(cursor, text) == [("São Paulo", "Brazil")]


def test_an_important_place_beats_one_that_happens_to_be_called_so(cursor: CursorWrapper) -> None:
    asti = Entry("Asti", ("Ast",), "town", "Italy", 0.52, 73_000, 8.2, 44.9, 10)
    astana = Entry("Astana", (), "capital", "Kazakhstan", 0.18, 1_500_000, 71.4, 51.1, 7)
    search.replace(cursor, "there", [asti, astana])
    assert [name for name, _ in found(cursor, "ast")] == ["Astana", "Asti"]


def test_the_name_on_the_map_beats_one_that_few_use(cursor: CursorWrapper) -> None:
    luanda = Entry("Luanda", ("Sao Paulo de Loanda",), "capital", "Angola", 0.1, 2, 13, -9, 7)
    search.replace(cursor, "there", [luanda])
    assert found(cursor, "sao pau") == [("São Paulo", "Brazil"), ("Luanda", "Angola")]


def test_a_place_comes_before_those_that_are_named_after_it(cursor: CursorWrapper) -> None:
    munich = Entry("Munich", ("München",), "city", "Germany", 0.3, 1_500_000, 11.6, 48.1, 8)
    near = Entry("Ottobrunn bei München", (), "town", "Germany", 0.6, 21_000, 11.7, 48.1, 11)
    search.replace(cursor, "there", [near, munich])
    assert [name for name, _ in found(cursor, "münchen")] == ["Munich", "Ottobrunn bei München"]


def test_a_whole_name_beats_the_beginning_of_another(cursor: CursorWrapper) -> None:
    rome = Entry("Rome", ("Roma",), "capital", "Italy", 0.2, 2_800_000, 12.5, 41.9, 7)
    romania = Entry("Romania", (), "country", "", 0.1, 19_000_000, 25, 46, 5)
    search.replace(cursor, "there", [romania, rome])
    assert [name for name, _ in found(cursor, "roma")] == ["Rome", "Romania"]
    assert [name for name, _ in found(cursor, "rom")] == ["Romania", "Rome"]


def test_other_names_in_other_scripts_find_it(cursor: CursorWrapper) -> None:
    assert found(cursor, "巴") == [("Paris", "France")]
    assert search.find(cursor, "pariz", 10)[0].names == ("Paříž", "巴黎")


@pytest.mark.parametrize("text", ["%", "_aris", "\\", "'; --", ""])
def test_nothing_in_the_text_is_a_pattern(cursor: CursorWrapper, text: str) -> None:
    assert found(cursor, text) == []
    assert found(cursor, "100%") == [("100% Ort", "Nowhere")]


def test_a_load_replaces_only_its_own(cursor: CursorWrapper) -> None:
    search.replace(cursor, "there", [ENTRIES[0]])
    search.replace(cursor, "here", [])
    assert found(cursor, "par") == [("Paris", "France")]


def test_without_a_demo_nothing_is_found(cursor: CursorWrapper) -> None:
    cursor.execute("DROP TABLE demo.search_terms, demo.search")
    assert search.find(cursor, "paris", 10) == []


TABLE = tables.Table("tried", (("name", "text"),), "Point")
POINT = "0101000020110F000000000000000000000000000000000000"


def test_a_table_is_swapped_in_whole(cursor: CursorWrapper) -> None:
    for names in (["old", None], ["new"]):
        tables.prepare(cursor)
        rows = [(number, name, POINT) for number, name in enumerate(names)]
        assert tables.fill(cursor, TABLE, rows) == len(names)
        tables.swap_in(cursor, ["tried"])
    cursor.execute("SELECT id, name, ST_SRID(geom) FROM demo.tried")
    assert cursor.fetchall() == [(0, "new", 3857)]


def test_until_it_is_swapped_in_readers_see_the_old_one(cursor: CursorWrapper) -> None:
    tables.prepare(cursor)
    tables.fill(cursor, TABLE, [(1, "old", POINT)])
    tables.swap_in(cursor, ["tried"])
    tables.prepare(cursor)
    tables.fill(cursor, TABLE, [(1, "new", POINT)])
    cursor.execute("SELECT name FROM demo.tried")
    assert cursor.fetchone()[0] == "old"


def test_the_version_of_a_load_is_remembered(cursor: CursorWrapper) -> None:
    tables.prepare(cursor)
    assert tables.loaded_version(cursor, "tried") is None
    for version in ("1", "2"):
        tables.note_version(cursor, "tried", version)
        assert tables.loaded_version(cursor, "tried") == version
