"""Running a program in a process of its own, so that a crash in a native library ends only that process."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1  # linux/prctl.h
POLL = 0.05  # s
ROOT = Path(__file__).resolve().parents[1]

OnEvent = Callable[[dict[str, Any]], None]


def python_module(name: str, *arguments: str | Path) -> list[str]:
    """Command that runs one of our modules; a file of the same name where the user stands is not taken for it."""
    return [sys.executable, "-P", "-m", name, *map(str, arguments)]


def _search_path() -> str:
    return os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])


class ChildFailed(RuntimeError):
    """A child process that did not end well.

    Attributes
    ----------
    status : int
        Exit status; negative: the signal that ended it.
    event : dict
        What it said of its failure, if it could.
    """

    def __init__(self, status: int, log: Path, event: dict[str, Any]) -> None:
        self.status, self.event, self.log = status, event, log
        super().__init__(str(event.get("message") or self._cause()))

    def _cause(self) -> str:
        number = -self.status if self.status < 0 else self.status - 128
        try:
            how = f"it was ended by signal {signal.Signals(number).name}"
        except ValueError:
            how = f"it ended with status {self.status}"
        return f"the process crashed inside a native library or was killed: {how}"


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends, even by kill -9 (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def run_child(command: Sequence[str], log: Path, events: Path | None = None, on_event: OnEvent | None = None) -> None:
    """Run a command in its own session until it ends; end it if we are interrupted.

    Parameters
    ----------
    command : sequence of str
    log : Path
        Takes what it prints.
    events : Path or None
        File to which it appends JSON lines, passed on to ``on_event`` as they come.

    Raises
    ------
    ChildFailed
        If it exits with another status than 0.
    KeyboardInterrupt
        Passed on after the child has been ended.
    """
    environment = os.environ | {
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": _search_path(),
        # PETSc would turn a crash into an exit status of its own, and its message into pages.
        "PETSC_OPTIONS": f"-no_signal_handler {os.environ.get('PETSC_OPTIONS', '')}",
    }
    failure: dict[str, Any] = {}
    position = 0

    def listen() -> None:
        nonlocal position, failure
        if events is None or not events.exists():
            return
        with events.open() as file:
            file.seek(position)
            while (line := file.readline()).endswith("\n"):
                position = file.tell()
                try:
                    event = json.loads(line)
                except ValueError:  # two ranks wrote at once, or one was ended in the middle
                    continue
                if event.get("stage") == "failed":
                    failure = failure or event
                elif on_event:
                    on_event(event)

    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,
            env=environment,
        )
    try:
        while child.poll() is None:
            listen()
            time.sleep(POLL)
    except BaseException:
        _end(child)
        raise
    listen()
    if child.returncode != 0:
        raise ChildFailed(child.returncode, log, failure)


def _end(child: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
        except ProcessLookupError:
            return
        try:
            child.wait(timeout=2)
        except subprocess.TimeoutExpired:
            continue
