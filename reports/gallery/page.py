"""The page of the gallery: `index.html`, which needs no server and no network."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from reports.document import template
from reports.gallery.shelf import Entry, entries_locked, locked, tidy
from reports.gallery.whole import write_whole
from reports.numbers import words
from reports.summary import STATUSES, VERDICTS
from studies.findings.wording import listed
from studies.layout import INDEX

# Files that a card leads to: the first is what its name and picture lead to.
_LINKS = {
    "run": (("report.html", "Report"), ("report.pdf", "PDF"), ("run.json", "Record")),
    "study": (
        ("report.html", "Report"),
        ("report.pdf", "PDF"),
        ("study.json", "Record"),
        ("variants.csv", "Table"),
        ("study.toml", "Study file"),
    ),
    "comparison": (("report.html", "Comparison"), ("report.pdf", "PDF"), ("comparison.json", "Record")),
}
MOST_CHIPS = 8


@dataclass(frozen=True)
class Shown:
    """An entry as the page shows it; ``links`` are (address, word)."""

    number: int
    entry: Entry
    links: Sequence[tuple[str, str]]
    thumbnail: str
    verdict: str


def write(root: Path) -> Path:
    """Write `index.html` into a results folder, from what there is now.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    with locked(root):
        found = entries_locked(root)
        write_whole(root / INDEX, render(found).encode())
        tidy(root, found)
    return root / INDEX


def render(found: Sequence[Entry], root: Path | None = None) -> str:
    """The page as text.

    Parameters
    ----------
    found : sequence of Entry
    root : Path or None
        The results folder as a command can name it; a page that is opened as a file finds out for itself.
    """
    shown = [_shown(number, entry) for number, entry in enumerate(found)]
    groups: dict[str, list[Shown]] = {}
    for each in sorted(shown, key=lambda one: (not one.entry.card.device, one.entry.card.device)):
        groups.setdefault(each.entry.card.device, []).append(each)
    return template("gallery/index.html").render(
        groups=[(words(device) or "Not to be told", cards) for device, cards in groups.items()],
        counted=_counted(shown),
        most=MOST_CHIPS,
        date_text=date_text,
        unreadable=sum(bool(each.entry.card.trouble) for each in shown),
        facts=Markup(_script({"facts": [_facts(each) for each in shown], "names": _names(shown)})),
        root=str(root) if root else "",
        verdicts=VERDICTS,
        statuses=STATUSES,
    )


def _shown(number: int, entry: Entry) -> Shown:
    card, names = entry.card, entry.found.names
    links = [(quote(f"{card.path}/{name}"), word) for name, word in _LINKS[card.kind] if name in names]
    verdict = "unreadable" if card.trouble else card.verdict or ""
    return Shown(number, entry, links, quote(entry.thumbnail), verdict)


def _counted(shown: Sequence[Shown]) -> str:
    """How many there are of each kind: "12 runs, 1 study and 2 comparisons"."""
    kinds = {"run": "runs", "study": "studies", "comparison": "comparisons"}
    counts = {kind: sum(each.entry.card.kind == kind for each in shown) for kind in kinds}
    return (
        listed([f"{count} {kind if count == 1 else kinds[kind]}" for kind, count in counts.items() if count]) or "Empty"
    )


def _facts(each: Shown) -> dict[str, Any]:
    """What the script filters, sorts and searches by, beside the words on the card."""
    card = each.entry.card
    numbers = card.inputs | card.values
    return {
        "kind": card.kind,
        "path": card.path,
        "device": card.device,
        "protocol": card.protocol,
        "verdict": each.verdict,
        "date": card.date,
        "broken": bool(card.trouble),
        "words": " ".join([card.path, *card.hidden]),
        "numbers": {name: [number.value, number.unit] for name, number in numbers.items()},
        "sortable": list(card.values),
    }


def _names(shown: Sequence[Shown]) -> dict[str, str]:
    """How kinds, devices, verdicts and quantities are called."""
    names = {name: words(name) for each in shown for name in (each.entry.card.device, *each.entry.card.values)}
    told = {kind: words(kind) for kind in _LINKS} | {name: words(text) for name, text in VERDICTS.items()}
    return names | told | {"unreadable": "Cannot be read"}


def _script(value: Any) -> str:
    """JSON that can stand in a script element: no "<" can end it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def date_text(date: str) -> str:
    """The day and the minute of a date as records have it, in UTC: "2026-01-02 03:04"."""
    found = re.match(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)", date)
    return f"{found[1]} {found[2]}" if found else ""
