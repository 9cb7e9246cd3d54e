"""The ledger of a study: which variants there are and what became of each, in SQLite.

Several processes may use it at once. Each that runs variants is an owner, which holds a lock file: where the lock is
free, the owner has ended, however that came, and what it had begun is begun anew.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sqlite3
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from studies.findings.study_record import ENDED, Setting, Status

FILE = "study.db"
OWNERS, ROUND, OPENING = ".owners", ".round", ".opening"

_TABLES = """
CREATE TABLE IF NOT EXISTS variant (
  number INTEGER PRIMARY KEY, round INTEGER NOT NULL, label TEXT NOT NULL, role TEXT NOT NULL, settings TEXT NOT NULL,
  key TEXT NOT NULL, status TEXT NOT NULL, message TEXT NOT NULL DEFAULT '', folder TEXT NOT NULL DEFAULT '',
  owner TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS variant_status ON variant (status);
CREATE TABLE IF NOT EXISTS attempt (
  id INTEGER PRIMARY KEY, number INTEGER NOT NULL, owner TEXT NOT NULL, ended REAL NOT NULL,
  outcome TEXT NOT NULL, message TEXT NOT NULL, stages TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS session (
  owner TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL, started REAL NOT NULL, seen REAL NOT NULL,
  workers INTEGER NOT NULL, scheduler TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS round (number INTEGER PRIMARY KEY, variants INTEGER NOT NULL);
"""


@dataclass(frozen=True)
class Entry:
    """A variant as the ledger has it; see `studies.findings.study_record.Variant`."""

    number: int
    round: int
    label: str
    role: str
    settings: dict[str, Setting]
    key: str
    status: Status
    message: str
    folder: str


@dataclass(frozen=True)
class New:
    """A variant to be added; with a status of its own where it cannot be run at all."""

    label: str
    role: str
    settings: dict[str, Setting]
    key: str
    status: Status = "waiting"
    message: str = ""


@dataclass(frozen=True)
class Attempt:
    """One try of a variant: outcome "computed", "stored", "interrupted", or a kind of trouble."""

    number: int
    owner: str
    ended: float
    outcome: str
    message: str
    stages: dict[str, float]


@dataclass(frozen=True)
class Session:
    """One start of the study, from when until when it was seen, with how many workers."""

    owner: str
    host: str
    pid: int
    started: float
    seen: float
    workers: int
    scheduler: str


class Ledger:
    """Opened for reading and, after `enter`, for running variants.

    Parameters
    ----------
    folder : Path
        Of the study.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.owner = ""
        self._lock: IO[str] | None = None
        # Statements commit by themselves; what belongs together stands in `_whole`.
        self._db = sqlite3.connect(folder / FILE, timeout=60, autocommit=True)
        self._db.row_factory = sqlite3.Row
        with _alone(folder / OPENING):  # for this change of mode, SQLite waits for nobody
            self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")  # each commit outlives a power cut
        self._db.executescript(_TABLES)

    def close(self) -> None:
        """Close; the lock of the owner goes with it."""
        self._db.close()
        if self._lock is not None:
            (self.folder / OWNERS / self.owner).unlink(missing_ok=True)
            self._lock.close()

    # --- owners ----------------------------------------------------------------------------------

    def enter(self, workers: int, scheduler: str) -> None:
        """Become an owner."""
        folder = self.folder / OWNERS
        folder.mkdir(exist_ok=True)
        self.owner = f"{time.time_ns():x}-{uuid.uuid4().hex[:8]}"
        self._lock = (folder / self.owner).open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        now = time.time()
        self._db.execute(
            "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?)",
            (self.owner, socket.gethostname(), os.getpid(), now, now, workers, scheduler),
        )

    def seen(self, workers: int) -> None:
        """Note that the owner is alive."""
        self._db.execute("UPDATE session SET seen = ?, workers = ? WHERE owner = ?", (time.time(), workers, self.owner))

    def live(self, owner: str) -> bool:
        """Whether an owner is still there."""
        try:
            with (self.folder / OWNERS / owner).open("r") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            return False
        return False

    def recover(self) -> int:
        """Let what owners had begun that are no longer there be begun anew; how many variants that are."""
        rows = self._db.execute("SELECT DISTINCT owner FROM variant WHERE status = 'running'").fetchall()
        count = 0
        for owner in (row["owner"] for row in rows):
            if owner == self.owner or self.live(owner):
                continue
            with self._whole():
                begun = self._db.execute(
                    "UPDATE variant SET status = 'waiting', owner = '' WHERE status = 'running' AND owner = ? "
                    "RETURNING number",
                    (owner,),
                ).fetchall()
                for row in begun:
                    self._note(row["number"], owner, "interrupted", "the study ended while it ran", {})
            count += len(begun)
        return count

    def missing(self) -> int:
        """Let variants be begun anew whose run somebody has removed; how many they are."""
        gone = [
            entry.number
            for entry in self.entries()
            if entry.status in ("done", "not_converged") and not (self.folder / entry.folder / "run.json").is_file()
        ]
        with self._whole():
            self._db.executemany(
                "UPDATE variant SET status = 'waiting', folder = '' WHERE number = ? AND status <> 'running'",
                [(number,) for number in gone],
            )
        return len(gone)

    # --- variants --------------------------------------------------------------------------------

    @contextmanager
    def proposing(self) -> Iterator[None]:
        """Only one owner at a time decides on the next round."""
        with _alone(self.folder / ROUND):
            yield

    def rounds(self) -> int:
        """How many rounds there have been."""
        return int(self._db.execute("SELECT COALESCE(MAX(number), 0) FROM round").fetchone()[0])

    def ended(self) -> bool:
        """Whether there will be no more rounds."""
        return self._db.execute("SELECT 1 FROM round WHERE variants = 0").fetchone() is not None

    def add(self, number: int, variants: Sequence[New]) -> None:
        """Add a round, whole or not at all; one that is there already is left as it is. An empty one is the last."""
        with self._whole():
            if self._db.execute("SELECT 1 FROM round WHERE number = ?", (number,)).fetchone():
                return
            first = int(self._db.execute("SELECT COALESCE(MAX(number), 0) FROM variant").fetchone()[0])
            self._db.executemany(
                "INSERT INTO variant (number, round, label, role, settings, key, status, message) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (first + k, number, v.label, v.role, json.dumps(v.settings), v.key, v.status, v.message)
                    for k, v in enumerate(variants, 1)
                ],
            )
            self._db.execute("INSERT INTO round VALUES (?, ?)", (number, len(variants)))

    def claim(self, leader: str = "") -> Entry | None:
        """The next variant that waits, now ours; None if none does, or while that of key ``leader`` is being done."""
        row = self._db.execute(
            "UPDATE variant SET status = 'running', owner = ? WHERE number = "
            "(SELECT MIN(number) FROM variant WHERE status = 'waiting') AND status = 'waiting' "
            "AND NOT EXISTS (SELECT 1 FROM variant WHERE key = ? AND status = 'running') RETURNING *",
            (self.owner, leader),
        ).fetchone()
        return _entry(row) if row else None

    def rename(self, number: int, key: str) -> None:
        """Another run is done for a variant of ours than was foreseen."""
        with self._whole():
            self._db.execute("UPDATE variant SET key = ? WHERE number = ? AND owner = ?", (key, number, self.owner))

    def finish(
        self, number: int, status: Status, outcome: str, message: str, folder: str, stages: dict[str, float]
    ) -> None:
        """Note what became of a variant of ours."""
        with self._whole():
            self._db.execute(
                "UPDATE variant SET status = ?, message = ?, folder = ?, owner = '' WHERE number = ? AND owner = ?",
                (status, message, folder, number, self.owner),
            )
            self._note(number, self.owner, outcome, message, stages)

    def release(self) -> None:
        """Let what we have begun be begun anew."""
        with self._whole():
            begun = self._db.execute(
                "UPDATE variant SET status = 'waiting', owner = '' WHERE status = 'running' AND owner = ? "
                "RETURNING number",
                (self.owner,),
            ).fetchall()
            for row in begun:
                self._note(row["number"], self.owner, "interrupted", "the study was stopped while it ran", {})

    def retry_failed(self) -> int:
        """Let failed variants be begun anew, their earlier tries forgiven; how many they are."""
        with self._whole():
            rows = self._db.execute(
                "UPDATE variant SET status = 'waiting', message = '' WHERE status = 'failed' RETURNING number"
            ).fetchall()
            for row in rows:
                self._note(row["number"], self.owner, "forgiven", "to be tried again", {})
        return len(rows)

    def tries(self, number: int) -> int:
        """How often a variant has failed since it was last forgiven."""
        return int(
            self._db.execute(
                "SELECT COUNT(*) FROM attempt WHERE number = :n AND outcome NOT IN "
                "('computed', 'stored', 'interrupted', 'forgiven') AND id > (SELECT COALESCE(MAX(id), 0) FROM attempt "
                "WHERE number = :n AND outcome = 'forgiven')",
                {"n": number},
            ).fetchone()[0]
        )

    # --- reading ---------------------------------------------------------------------------------

    def entries(self) -> list[Entry]:
        """All variants, by number."""
        return [_entry(row) for row in self._db.execute("SELECT * FROM variant ORDER BY number")]

    def counts(self) -> dict[Status, int]:
        """How many variants have which status."""
        return {row[0]: row[1] for row in self._db.execute("SELECT status, COUNT(*) FROM variant GROUP BY status")}

    def open(self) -> int:
        """How many variants have not ended."""
        return sum(count for status, count in self.counts().items() if status not in ENDED)

    def attempts(self) -> list[Attempt]:
        """All tries, in order."""
        rows = self._db.execute("SELECT * FROM attempt ORDER BY id")
        return [
            Attempt(r["number"], r["owner"], r["ended"], r["outcome"], r["message"], json.loads(r["stages"]))
            for r in rows
        ]

    def sessions(self) -> list[Session]:
        """All starts of the study, in order."""
        return [Session(*row) for row in self._db.execute("SELECT * FROM session ORDER BY started")]

    # --- inside ----------------------------------------------------------------------------------

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """All or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._db.in_transaction:  # SQLite has rolled back by itself where the disk is full
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _note(self, number: int, owner: str, outcome: str, message: str, stages: dict[str, Any]) -> None:
        self._db.execute(
            "INSERT INTO attempt (number, owner, ended, outcome, message, stages) VALUES (?, ?, ?, ?, ?, ?)",
            (number, owner, time.time(), outcome, message, json.dumps(stages)),
        )


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Only one process at a time."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(
        row["number"],
        row["round"],
        row["label"],
        row["role"],
        json.loads(row["settings"]),
        row["key"],
        row["status"],
        row["message"],
        row["folder"],
    )
