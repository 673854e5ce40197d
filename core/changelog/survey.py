"""All Layers with what they stand on, and the triggers that this asks for."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from core.changelog.family import Family, families
from core.changelog.needs import Needs, Want, needs_of_all
from core.changelog.plan import Makings, Plan, installed, units
from core.changelog.schema import Cursor, postgis_schema
from core.models import Freshness, Layer

PROMISING = (Freshness.TRACKED, Freshness.DERIVED)


@dataclass(frozen=True)
class Survey:
    """What is published: Layers by id, what each stands on, the family of each table."""

    layers: dict[int, Layer]
    needs: dict[int, Needs]
    families: dict[int, Family]

    def doubt(self, layer_id: int) -> str:
        """Why the changes of a Layer cannot be known; "" when they can."""
        needs = self.needs[layer_id]
        doubts = (self.families[want.base.table.oid].doubt for want in needs.wants)
        return needs.doubt or next((doubt for doubt in doubts if doubt), "")

    def best(self, layer_id: int) -> str:
        """The best freshness that a Layer can have."""
        return Freshness.TTL.value if self.doubt(layer_id) else self.needs[layer_id].best

    def promising(self) -> set[int]:
        """The Layers that promise to know of each change."""
        return {key for key, layer in self.layers.items() if layer.freshness in PROMISING}

    def families_of(self, layer_ids: Iterable[int]) -> set[Family]:
        """The families that these Layers stand on."""
        wants = (want for key in layer_ids for want in self.needs[key].wants)
        return {self.families[want.base.table.oid] for want in wants}

    def wants_of(self, family: Family, layer_ids: Collection[int]) -> list[Want]:
        """What these Layers want of a family, in a settled order."""
        wants = (want for key in sorted(layer_ids) for want in self.needs[key].wants)
        return [want for want in wants if want.base.table.oid in family.oids]


def survey(cursor: Cursor) -> Survey:
    """Read what is published. Raises django.db.Error."""
    layers = {layer.pk: layer for layer in Layer.objects.prefetch_related("overviews")}
    needs = needs_of_all(cursor, layers.values())
    tables = {want.base.table.oid for one in needs.values() for want in one.wants}
    return Survey(layers, needs, families(cursor, tables))


def plans(
    cursor: Cursor, found: Survey, promising: Collection[int], wanted: Iterable[Family]
) -> list[Plan]:
    """For each of the families, what it lacks, if these Layers are to hear of their changes."""
    chosen = sorted(wanted, key=lambda family: family.root.oid)
    wants = {family: found.wants_of(family, promising) for family in chosen}
    every = [want for some in wants.values() for want in some]
    there = installed(cursor, (oid for family in chosen for oid in family.oids))
    makings = Makings(postgis_schema(cursor), units(cursor, every), quoting(cursor))
    return [Plan(family, wants[family], there, makings) for family in chosen]


def faults(cursor: Cursor, found: Survey) -> dict[int, list[str]]:
    """By Layer, what is wrong with the triggers under those that promise to hear of each change."""
    promising = found.promising()
    told: dict[int, list[str]] = {}
    for plan in plans(cursor, found, promising, found.families_of(promising)):
        for text in plan.faults():
            for key in {want.layer_id for want in plan.wants}:
                told.setdefault(key, []).append(text)
    return told


def quoting(cursor: Cursor) -> Any:
    """What psycopg2 quotes for: its own cursor, under Django's."""
    return getattr(cursor, "cursor", cursor)
