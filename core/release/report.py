"""What a release did, or would do."""

from dataclasses import dataclass, field

from core.changelog.values import Box


@dataclass(frozen=True)
class Report:
    """Rows by what became of them; `rows` is how many there are afterwards.

    `key` is what named a row, empty where rows were compared by content: then a row that changed
    is one removed and one added. `differing` says in how many of the changed rows (of the first
    1,000) a column differs. `boxes` is what the change log has of it; None: it is not tracked, so
    everything is dropped. `target` is the oid that the log knows the table by, and `change` the
    last row of the log. `places` is only for a dry run: boxes in EPSG:`srid`.
    """

    label: str
    relation: str
    source: str
    key: tuple[str, ...]
    rows: int
    same: int
    changed: int
    added: int
    removed: int
    boxes: int | None = 0
    seconds: float = 0.0
    dry_run: bool = False
    differing: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    srid: int = 0
    target: int = 0
    change: int | None = None
    places: tuple[Box, ...] = ()

    @property
    def differences(self) -> int:
        """How many rows were or would be written."""
        return self.changed + self.added + self.removed


def lines(report: Report) -> list[str]:
    """The report for people."""
    how = f"by {', '.join(report.key)}" if report.key else "by content"
    would = "would be " if report.dry_run else ""
    first = (
        f"{report.label}: {report.same:,} the same, {would}{report.changed:,} changed, "
        f"{report.added:,} added, {report.removed:,} removed ({how}, {report.seconds:.1f} s)."
    )
    return [first, *_differing(report), *_logged(report), *report.notes]


def _differing(report: Report) -> list[str]:
    if not report.differing:
        return []
    columns = ", ".join(f"{name} ({count:,})" for name, count in report.differing.items())
    return [f"What differs in the changed rows looked at: {columns}."]


def _logged(report: Report) -> list[str]:
    if not report.differences:
        return []
    if report.boxes is None:
        was = "is" if report.dry_run else "was"
        return [f"{report.relation} is not tracked: every cached tile of it {was} dropped."]
    return [f"{report.boxes:,} boxes are dirty; tiles outside them stay cached."]
