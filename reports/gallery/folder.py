"""What stands in a results folder, told from its layout alone: no record is opened."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from studies.layout import COMPARISONS, NO_DEVICES, STUDIES

Kind = Literal["run", "study", "comparison"]
Stamp = tuple[int, int]

RECORDS: dict[Kind, str] = {"run": "run.json", "study": "study.json", "comparison": "comparison.json"}
# The picture that says most of a run, by what was tested; of anything else the first one there is.
PRINCIPAL = (
    "von_mises.png",
    "wall_shear.png",
    "time_averaged_wall_shear.png",
    "streamlines.png",
    "along.png",
    "outlines.png",
    "pareto.png",
    "by_variant.png",
)


@dataclass(frozen=True)
class Found:
    """A folder of the store.

    Attributes
    ----------
    path : str
        Below the results folder, with slashes.
    names : frozenset of str
        What is in it.
    record : (int, int) or None
        When its record was written (ns) and how long it is (bytes); None without one.
    picture : str
        File name of its principal picture; "" without any.
    picture_stamp : (int, int)
        As ``record``, of the picture.
    """

    kind: Kind
    path: str
    names: frozenset[str]
    record: Stamp | None
    picture: str = ""
    picture_stamp: Stamp = (0, 0)

    @classmethod
    def look(cls, kind: Kind, root: Path, path: str) -> Found:
        """Look into a folder; what goes away meanwhile is taken as not there."""
        folder = root / path
        try:
            names = frozenset(path.name for path in folder.iterdir())
        except OSError:
            names = frozenset()
        pictures = [name for name in PRINCIPAL if name in names] or sorted(n for n in names if n.endswith(".png"))
        picture = pictures[0] if pictures else ""
        stamp = _stamp(folder / picture) if picture else None
        record = _stamp(folder / RECORDS[kind]) if RECORDS[kind] in names else None
        return cls(kind, path, names, record, picture if stamp else "", stamp or (0, 0))


def find(root: Path) -> list[Found]:
    """All runs, studies and comparisons below a results folder.

    Links that lead out of it are passed over, as are folders whose name begins with a dot.
    """
    found = [
        Found.look("run", root, f"{device}/{protocol}/{key}")
        for device in _folders(root, "")
        if device not in NO_DEVICES
        for protocol in _folders(root, device)
        for key in _folders(root, f"{device}/{protocol}")
    ]
    rooms: tuple[tuple[Kind, str], ...] = (("study", STUDIES), ("comparison", COMPARISONS))
    for kind, room in rooms:
        found += [Found.look(kind, root, f"{room}/{name}") for name in _folders(root, room)]
    return [each for each in found if each.names]


def _folders(root: Path, path: str) -> Iterator[str]:
    """Names of the folders in a folder, in order."""
    try:
        entries = sorted(os.scandir(root / path), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(".") or not entry.is_dir():
            continue
        if entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(root.resolve()):
            continue
        yield entry.name


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
