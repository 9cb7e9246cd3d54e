"""All cards of a results folder, read anew only where a record has changed since."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from reports.gallery import thumbnails
from reports.gallery.card import Card
from reports.gallery.describe import describe
from reports.gallery.folder import Found, Stamp, find
from reports.gallery.whole import ASIDE, write_whole
from studies.layout import INDEX_FILES

CARDS, LOCK = "cards.json", ".lock"
_HERE = Path(__file__).parents[2]


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid")

    record: Stamp | None
    card: Card


class _Cards(BaseModel):
    """`cards.json`: cards by path, with the stamp of the record each was read from."""

    model_config = ConfigDict(extra="forbid")

    readers: str
    cards: dict[str, _Kept]


@dataclass(frozen=True)
class Entry:
    """A card, the folder it is about, and its small picture as a path below the results folder ("" without one)."""

    found: Found
    card: Card
    thumbnail: str


def entries(root: Path) -> list[Entry]:
    """All of a results folder, newest first; what cannot be dated comes last.

    What was read is kept in `index_files/` for the next time. Where nothing can be written, everything is read again
    and pictures are shown in full.
    """
    try:
        with locked(root):
            return entries_locked(root)
    except OSError:
        return _entries(root, None)


def entries_locked(root: Path) -> list[Entry]:
    """As `entries`, for who has the lock."""
    return _entries(root, root / INDEX_FILES)


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Only one process at a time writes an index and what belongs to it.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    (root / INDEX_FILES).mkdir(exist_ok=True)
    with (root / INDEX_FILES / LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def tidy(root: Path, shown: Sequence[Entry]) -> None:
    """Remove small pictures that are shown no more, and what a killed process has left half written."""
    names = {entry.thumbnail.rpartition("/")[2] for entry in shown}
    files = root / INDEX_FILES
    unused = [path for path in files.glob(f"*{thumbnails.SUFFIX}") if path.name not in names]
    for path in [*unused, *files.glob(f".*{ASIDE}"), *root.glob(f".*{ASIDE}")]:
        path.unlink(missing_ok=True)


def _entries(root: Path, files: Path | None) -> list[Entry]:
    found = find(root)
    kept = _read(files / CARDS) if files else {}
    now: dict[str, _Kept] = {}
    for each in found:
        old = kept.get(each.path)
        now[each.path] = (
            old if old and old.record == each.record else _Kept(record=each.record, card=describe(root, each))
        )
    small: set[str] = set()
    if files:
        if now != kept:
            with suppress(OSError):
                text = _Cards(readers=_readers(), cards=now).model_dump_json(exclude_defaults=True)
                write_whole(files / CARDS, text.encode())
        small = thumbnails.make(root, files, found)
    made = [Entry(each, now[each.path].card, _picture(each, small, full=files is None)) for each in found]
    return sorted(made, key=lambda entry: entry.card.date, reverse=True)


def _picture(found: Found, small: set[str], full: bool) -> str:
    name = thumbnails.name(found)
    if name in small:
        return f"{INDEX_FILES}/{name}"
    return f"{found.path}/{found.picture}" if found.picture and full else ""


def _read(path: Path) -> dict[str, _Kept]:
    """Cards that were kept; none if they are damaged, or if another version of the program has read them."""
    try:
        cards = _Cards.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return {}
    return cards.cards if cards.readers == _readers() else {}


@cache
def _readers() -> str:
    """Hash of the code that makes cards out of records."""
    paths = [*(_HERE / "reports").rglob("*.py"), *(_HERE / "studies" / "findings").glob("*.py")]
    code = b"".join(path.read_bytes() for path in sorted([*paths, _HERE / "studies" / "record.py"]))
    return hashlib.sha256(code).hexdigest()
