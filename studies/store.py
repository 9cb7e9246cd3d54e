"""The run store: folders that appear whole or not at all.

A run is written in a folder aside and renamed into place, so a folder under its key is always complete; nothing is
written over it afterwards. The folder is the truth, there is no other index.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from studies.exchange import exchange
from studies.layout import ASIDE, FAILED, LOCKS
from studies.record import RunRecord


class StoreError(OSError):
    """The results folder cannot be used."""


@dataclass(frozen=True)
class RunStore:
    """Runs under ``root``, as <device>/<protocol>/<key>/."""

    root: Path

    def prepare(self) -> None:
        """Make the folders and remove what killed runs have left aside.

        Raises
        ------
        StoreError
            If the folder cannot be written.
        """
        try:
            for name in (ASIDE, LOCKS):
                (self.root / name).mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.root / ASIDE) as probe:
                probe.write(b"x")
        except OSError as error:
            raise StoreError(f"the results folder {self.root} cannot be written: {error.strerror}") from error
        for folder in (self.root / ASIDE).iterdir():
            if _ended(folder.name.rpartition(".")[2]):
                shutil.rmtree(folder, ignore_errors=True)

    def place(self, device: str, protocol: str, key: str) -> Path:
        """Where a finished run stands."""
        return self.root / device / protocol / key

    def find(self, device: str, protocol: str, key: str) -> Path | None:
        """The folder of a finished run, if there is one."""
        folder = self.place(device, protocol, key)
        return folder if (folder / "run.json").is_file() else None

    @contextmanager
    def lock(self, key: str) -> Iterator[None]:
        """Only one process at a time works on a key; the lock goes with the process, however it ends."""
        with (self.root / LOCKS / key).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def aside(self, key: str) -> Path:
        """A new folder to write a run in; its name ends with the process that owns it."""
        folder = self.root / ASIDE / f"{key}.{time.time_ns():x}.{_owner()}"
        folder.mkdir()
        return folder

    def commit(self, folder: Path, place: Path) -> None:
        """Put a complete folder in its place, safe against a power cut.

        Raises
        ------
        pydantic.ValidationError
            If its record is not valid; nothing is put in place then.
        """
        RunRecord.read(folder)
        for path in folder.iterdir():
            _sync(path)
        _sync(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            folder.rename(place)
        elif exchange(folder, place):  # a run with less budget, or what an interrupted copy has left
            shutil.rmtree(folder)
        else:  # as near as it comes: killed between the two, neither is there
            earlier = self.aside(place.name)
            place.rename(earlier / "earlier")
            folder.rename(place)
            shutil.rmtree(earlier)
        _sync(place.parent)

    def keep_failed(self, folder: Path, key: str) -> Path:
        """Move the folder of a failed run to where it can be read; returns its new place."""
        place = self.root / FAILED / f"{key}-{time.strftime('%Y%m%dT%H%M%S')}-{time.time_ns() % 10**9:09d}"
        place.parent.mkdir(exist_ok=True)
        folder.rename(place)
        return place


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _owner() -> str:
    return f"{_host()}-{os.getpid()}"


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9_]", "_", socket.gethostname())


def _ended(owner: str) -> bool:
    """Whether the process that owns a folder is no more; of processes elsewhere nothing can be said."""
    host, _, pid = owner.rpartition("-")
    return host == _host() and Path("/proc/self").exists() and not Path(f"/proc/{pid}").exists()
