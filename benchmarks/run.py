"""A run: load, do the cases one after the other, keep what came out."""

import sys
import time
import traceback
from collections.abc import Callable

from benchmarks import datasets, machine
from benchmarks.addresses import Atlas
from benchmarks.bench import Bench
from benchmarks.cases import (
    cold,
    crowded,
    feed,
    fresh,
    hot,
    memory,
    mixed,
    stampede,
    triggers,
)
from benchmarks.datasets import load
from benchmarks.place import Place
from benchmarks.plan import Plan
from benchmarks.reference import Reference
from benchmarks.results import Results, Row

RUN: dict[str, Callable[[Bench], None]] = {
    "hot": hot.hot,
    "redis": hot.redis,
    "not-modified": hot.not_modified,
    "connections": hot.connections,
    "alone": cold.alone,
    "together": cold.together,
    "mixed": mixed.mixed,
    "stampede": stampede.stampede,
    "crowded": crowded.crowded,
    "memory": memory.memory,
    "triggers": triggers.triggers,
    "fresh": fresh.fresh,
    "feed": feed.feed,
}


def run(place: Place, plan: Plan, say: Callable[[str], None]) -> Results:
    """Do the cases of the plan; one that fails is noted as such, and the others are done."""
    load.ensure(place, datasets.to_load(plan.datasets), say)
    reference = Reference(place)
    bench = Bench(place, plan, say, reference, Atlas(place, plan.seed))
    bench.results.about = machine.about(place, plan)
    try:
        for case in plan.cases:
            _case(bench, case)
    finally:
        reference.close()
    return bench.results


def _case(bench: Bench, case: str) -> None:
    began = time.monotonic()
    try:
        RUN[case](bench)
    except Exception as fault:
        traceback.print_exc(file=sys.stderr)
        bench.results.rows.append(Row(case, "", "all", not_run=f"failed: {fault}"))
    took = round(time.monotonic() - began, 1)
    bench.results.about.setdefault("seconds", {})[case] = took
    bench.say(f"{case} took {took} s")
