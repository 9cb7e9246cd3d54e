"""Running one code in processes of its own, under a limit of time and of memory, and watching what it takes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from studies.supervise import ROOT, die_with_parent

INTERVAL = 0.1  # s between two looks at the memory
PAGE = os.sysconf("SC_PAGE_SIZE") / 2**20  # MB
_LAST_WORDS = 160  # characters of the log that tell a failure


@dataclass(frozen=True)
class Watched:
    """What a run took.

    Attributes
    ----------
    failure : str
        Why there is no answer; empty if it ended well.
    seconds : float
        From start to end of the process.
    memory : float, MB
        Peak resident memory of all its processes together.
    load : float
        Load average of the machine, of the last minute, when it began.
    """

    failure: str
    seconds: float
    memory: float
    load: float


def watch(
    command: Sequence[str], log: Path, seconds: float, megabytes: float, environment: Mapping[str, str] | None = None
) -> Watched:
    """Run a command until it ends or exceeds a limit; end it if we are interrupted."""
    load, start = os.getloadavg()[0], time.perf_counter()
    with log.open("wb") as output:
        child = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
    peak, failure = 0.0, ""
    try:
        while True:
            ended, status, usage = os.wait4(child.pid, os.WNOHANG)
            elapsed = time.perf_counter() - start
            if ended:
                break
            memory = sum(_resident(pid) for pid in _tree(child.pid))
            peak = max(peak, memory)
            if not failure and elapsed > seconds:
                failure = f"stopped after {seconds:.0f} s"
            elif not failure and memory > megabytes:
                failure = f"stopped at {megabytes:,.0f} MB"
            if failure:
                _end(child.pid)
            time.sleep(INTERVAL)
    except BaseException:
        _end(child.pid)
        raise
    child.returncode = os.waitstatus_to_exitcode(status)
    # Between two looks a process may have peaked; the kernel knows the highest of any single one.
    peak = max(peak, usage.ru_maxrss / 1024)
    if child.returncode != 0 and not failure:
        failure = f"failed with status {child.returncode}: {_last_line(log)}"
    return Watched(failure, elapsed, peak, load)


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip()[-_LAST_WORDS:] if lines else "it said nothing"


def _tree(pid: int) -> list[int]:
    """The process and all that descend from it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        children = []
    return [pid, *(p for child in children for p in _tree(int(child)))]


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):  # it has just ended
        return 0.0


def _end(pid: int) -> None:
    """End a process that we started, and its descendants: MPI puts its ranks into sessions of their own."""
    for member in reversed(_tree(pid)):
        try:
            os.kill(member, signal.SIGKILL)
        except ProcessLookupError:
            continue
