"""The table of a study beside that of another run of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from studies.findings.tables import CSV, PARQUET

# What two runs of a study may differ in.
OWN = ("seconds", "memory_MB", "attempts")


def differences(folder: Path, reference: Path, ignored: tuple[str, ...] = OWN) -> list[str]:
    """In words, where the tables of two study folders differ; every value must be the same to the last digit."""
    found = []
    for name, read in ((CSV, _csv), (PARQUET, pd.read_parquet)):
        if not (folder / name).is_file():
            found.append(f"there is no {name}")
            continue
        ours, theirs = (_without(read(path / name), ignored) for path in (folder, reference))
        if list(ours.columns) != list(theirs.columns) or len(ours) != len(theirs):
            found.append(f"{name} has other rows or columns")
            continue
        unlike = [column for column in ours.columns if not ours[column].equals(theirs[column])]
        if unlike:
            found.append(f"{name} differs in {', '.join(map(str, unlike))}")
    return found


def _csv(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _without(frame: pd.DataFrame, ignored: tuple[str, ...]) -> pd.DataFrame:
    return frame[[column for column in frame.columns if str(column).split(" ")[0] not in ignored]]
