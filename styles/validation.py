"""Is this document a style that we can serve? All checks, in one list of findings."""

import re
from collections.abc import Sequence
from dataclasses import replace

from styles import addresses, reference, validator
from styles.document import Document, NotADocumentError, layers_of, parse
from styles.findings import Finding, error
from styles.lint import Known, lint

MAX_FINDINGS = 200
LAYER_PATH = re.compile(r"layers\[(\d+)\]")


def check(text: str, known: Known | None = None) -> list[Finding]:
    """Everything that is wrong with a document's text, errors first.

    `known` is what styles can refer to here (`styles.known.gather`); None leaves that check out.
    """
    try:
        document = parse(text)
    except NotADocumentError as fault:
        return [error("", fault.message, fault.line)]
    findings = [*_specification(text, document), *addresses.faults(document)]
    if known is not None:
        findings += lint(document, known)
    located = [_located(one, text, document) for one in findings]
    return sorted(located, key=lambda one: one.severity)[:MAX_FINDINGS]


def _specification(text: str, document: Document) -> list[Finding]:
    try:
        return validator.validate(text)
    except validator.NoValidatorError:
        return reference.check(document)


def _located(finding: Finding, text: str, document: Document) -> Finding:
    """The finding with the line of its layer or source, where the check did not know one."""
    if finding.line is not None:
        return finding
    return replace(finding, line=_line_of(_landmark(finding.path, layers_of(document)), text))


def _landmark(path: str, layers: Sequence[Document]) -> str:
    """A pattern for the text near which `path` is."""
    match = LAYER_PATH.match(path)
    if match and int(match[1]) < len(layers):
        return rf'"id"\s*:\s*"{re.escape(str(layers[int(match[1])].get("id")))}"'
    names = path.split(".")
    name = names[1] if names[0] == "sources" and len(names) > 1 else names[0]
    return rf'"{re.escape(name)}"\s*:' if name else ""


def _line_of(landmark: str, text: str) -> int | None:
    match = re.search(landmark, text) if landmark else None
    return text.count("\n", 0, match.start()) + 1 if match else None
