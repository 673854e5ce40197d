"""What the change log costs a writer: the same writes into two tables, one of them tracked.

No listener runs meanwhile, and the tables take turns.
"""

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from psycopg2 import sql

from benchmarks.bench import Bench
from benchmarks.cases.tracked import copies, track
from benchmarks.results import Row
from core.env import postgres_dict

PLAIN, TRACKED = "writes_plain", "writes_tracked"
ROWS = 100_000
SINGLE = 1500
WRITERS = 50
# Whether a commit waits for the disk, as it does by default and does not in our own server.
WRITING = {"one row each": "off", "one row each, on disk": "on"}
STATEMENTS = {
    "update {n} rows": "UPDATE {table} SET value = value + 1",
    "move {n} rows": "UPDATE {table} SET geom = ST_Translate(geom, 7, 0)",
    "delete {n} rows": "DELETE FROM {table}",
    "insert {n} rows": "INSERT INTO {table} SELECT * FROM {kept}",
}
ONE = {
    "update one row": "UPDATE {table} SET value = value + 1 WHERE id = %s",
    "move one row": "UPDATE {table} SET geom = ST_Translate(geom, 7, 0) WHERE id = %s",
}
BOTH = "UPDATE {table} SET value = value + 1, geom = ST_Translate(geom, 7, 0) WHERE id = :id;\n"
CONNECTION = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
              "dbname": "PGDATABASE", "sslmode": "PGSSLMODE"}  # fmt: skip
Write = Callable[[str], float]


def triggers(bench: Bench) -> None:
    """Whole statements, single rows, and many writers at once."""
    count = bench.plan.some(ROWS)
    with copies(bench, (PLAIN, TRACKED), count) as cursor:
        track(bench, TRACKED)
        kept = sql.Identifier("kept")
        cursor.execute(
            sql.SQL("CREATE TEMP TABLE kept AS SELECT * FROM {}").format(_table(bench, PLAIN))
        )
        cursor.execute("SELECT count(*) FROM kept")
        # Tiny data have fewer rows than are asked for.
        count = cursor.fetchone()[0]
        _whole(bench, cursor, count, kept)
        _single(bench, cursor, count)
        _many(bench, cursor, count)


def _table(bench: Bench, name: str) -> sql.Identifier:
    return sql.Identifier(bench.place.schema, name)


def _whole(bench: Bench, cursor: Any, count: int, kept: sql.Identifier) -> None:
    """Every statement on all rows; the dead ones are swept up in between."""
    times: dict[str, dict[str, list[float]]] = {
        what: {PLAIN: [], TRACKED: []} for what in STATEMENTS
    }
    for turn in range(bench.plan.rounds + 1):
        for what, text in STATEMENTS.items():
            for name in (PLAIN, TRACKED) if turn % 2 else (TRACKED, PLAIN):
                statement = sql.SQL(text).format(table=_table(bench, name), kept=kept)
                took = _timed(cursor, statement)
                cursor.execute(sql.SQL("VACUUM {}").format(_table(bench, name)))
                # The first turn only warms buffers and WAL.
                times[what][name] += [took] if turn else []
    for what, found in times.items():
        plain, tracked = (1000 * median(found[name]) for name in (PLAIN, TRACKED))
        _note(bench, what.format(n=f"{count:,}"), plain, tracked, "ms")


def _timed(cursor: Any, statement: sql.Composable, values: Any = None) -> float:
    began = time.perf_counter()
    cursor.execute(statement, values)
    return time.perf_counter() - began


def _single(bench: Bench, cursor: Any, count: int) -> None:
    """One row a transaction; the tables take turns with each row."""
    for what, text in ONE.items():
        found: dict[str, list[float]] = {PLAIN: [], TRACKED: []}
        for number in range(bench.plan.some(SINGLE)):
            row = 1 + number * 7919 % count
            for name in (PLAIN, TRACKED) if number % 2 else (TRACKED, PLAIN):
                statement = sql.SQL(text).format(table=_table(bench, name))
                found[name].append(_timed(cursor, statement, [row]))
        plain, tracked = (1000 * median(found[name]) for name in (PLAIN, TRACKED))
        _note(bench, what, plain, tracked, "ms, median")


def _many(bench: Bench, cursor: Any, count: int) -> None:
    """pgbench: 50 connections, each with one row a transaction, as many as go."""
    for words, synchronous in WRITING.items():
        what = f"{WRITERS} writers, {words}"
        try:
            plain, tracked = _rates(bench, cursor, count, synchronous)
        except FileNotFoundError:
            reason = "no pgbench"
        except subprocess.CalledProcessError as fault:
            reason = f"pgbench: {fault.stderr.strip().splitlines()[-1][:200]}"
        else:
            # Milliseconds of the machine for each row, over all writers.
            _note(bench, what, 1000 / plain, 1000 / tracked, "ms a row, all writers together")
            continue
        bench.results.rows.append(Row("triggers", what, "graticule", not_run=reason))


def _rates(bench: Bench, cursor: Any, count: int, synchronous: str) -> tuple[float, float]:
    """Transactions a second without and with the triggers; raises CalledProcessError."""
    rates: dict[str, list[float]] = {PLAIN: [], TRACKED: []}
    for turn in range(bench.plan.rounds):
        for name in (PLAIN, TRACKED) if turn % 2 else (TRACKED, PLAIN):
            statement = sql.SQL(BOTH).format(table=_table(bench, name)).as_string(cursor)
            rates[name].append(_pgbench(bench, statement, count, synchronous))
    return median(rates[PLAIN]), median(rates[TRACKED])


def _pgbench(bench: Bench, statement: str, count: int, synchronous: str) -> float:
    """Transactions a second; raises FileNotFoundError and CalledProcessError."""
    found = postgres_dict(bench.place.database_url)
    env = {CONNECTION[key]: str(value) for key, value in found.items() if key in CONNECTION}
    env["PGOPTIONS"] = f"-c synchronous_commit={synchronous}"
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(f"\\set id random(1, {count})\n{statement}")
        script.flush()
        command = ["pgbench", "-n", "-c", str(WRITERS), "-j", "2", "-f", script.name]
        command += ["-T", f"{max(1, bench.plan.seconds):.0f}"]
        done = subprocess.run(
            command, env={**os.environ, **env}, capture_output=True, text=True, check=True
        )
    rate = re.search(r"tps = ([0-9.]+) \(without", done.stdout)
    if rate is None:
        raise ValueError(f"pgbench said nothing of tps: {done.stdout[-300:]}")
    return float(rate[1])


def _note(bench: Bench, what: str, plain: float, tracked: float, unit: str) -> None:
    facts = {
        "plain": round(plain, 3),
        "tracked": round(tracked, 3),
        "unit": unit,
        "percent": round(100 * (tracked / plain - 1), 1),
        "more_ms": round(tracked - plain, 3),
    }
    bench.results.rows.append(Row("triggers", what, "graticule", [], facts))
    bench.say(
        f"triggers     {what:<28}{plain:9.3f} without, {tracked:9.3f} with, {unit}"
        f" ({facts['percent']:+.0f} %)"
    )
