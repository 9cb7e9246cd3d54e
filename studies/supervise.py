"""Running a program in a process of its own, so that a crash in a native library ends only that process."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

from studies.served import die_with_parent

POLL = 0.05  # s
ROOT = Path(__file__).resolve().parents[1]
WRONG_INPUT = 2  # exit status of a process that was asked for what cannot be

OnEvent = Callable[[dict[str, Any]], None]
# What went wrong: the input makes no run; the process ended by a signal; a limit of time or memory was passed; nothing
# can be written; or the program says an error of its own.
Trouble = Literal["input", "crash", "time", "memory", "disk", "error"]
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EACCES)


def python_module(name: str, *arguments: str | Path) -> list[str]:
    """Command that runs one of our modules; a file of the same name where the user stands is not taken for it."""
    return [sys.executable, "-P", "-m", name, *map(str, arguments)]


def child_environment() -> dict[str, str]:
    """Of every process that computes or draws."""
    return os.environ | {
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
        # PETSc would turn a crash into an exit status of its own, and its message into pages.
        "PETSC_OPTIONS": f"-no_signal_handler {os.environ.get('PETSC_OPTIONS', '')}",
    }


class ChildFailed(RuntimeError):
    """A child process that did not end well.

    Attributes
    ----------
    status : int
        Exit status; negative: the signal that ended it.
    event : dict
        What it, or who watched it, said of its failure.
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

    @property
    def trouble(self) -> Trouble:
        said: Trouble | None = self.event.get("trouble")
        if said:
            return said
        if self.event.get("status") == WRONG_INPUT:
            return "input"
        if self.event.get("errno") in _DISK:
            return "disk"
        return "error" if self.event else "crash"


class Events:
    """The JSON lines that a process appends to a file, passed on as they come.

    Attributes
    ----------
    failure : dict
        The first line that tells of a failure.
    """

    def __init__(self, path: Path | None, on_event: OnEvent | None) -> None:
        self.path, self.on_event = path, on_event
        self.failure: dict[str, Any] = {}
        self._position = 0

    def listen(self) -> None:
        """Pass on what is new."""
        if self.path is None or not self.path.exists():
            return
        with self.path.open() as file:
            file.seek(self._position)
            while (line := file.readline()).endswith("\n"):
                self._position = file.tell()
                try:
                    event = json.loads(line)
                except ValueError:  # two ranks wrote at once, or one was ended in the middle
                    continue
                if event.get("stage") == "failed":
                    self.failure = self.failure or event
                elif self.on_event:
                    self.on_event(event)


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
    said = Events(events, on_event)
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=partial(die_with_parent, os.getpid()),
            env=child_environment(),
        )
    try:
        while child.poll() is None:
            said.listen()
            time.sleep(POLL)
    except BaseException:
        end(child)
        raise
    said.listen()
    if child.returncode != 0:
        raise ChildFailed(child.returncode, log, said.failure)


def end(child: subprocess.Popen[bytes], patience: float = 2.0) -> None:
    """End a process and all of its session; by force after ``patience`` seconds."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
        except ProcessLookupError:
            break
        try:
            child.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            continue
