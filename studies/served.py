"""A process that does one request after the other: the side of the process. See `studies.warm` for the other side.

Requests come as JSON lines on standard input; for each, one JSON line goes back. What a request prints, native
libraries included, goes to the log it names. Started as `python -m studies.served MODULE PARENT`, it is bound to the
life of its parent before the module, which may take seconds, is imported: a request may wait in the pipe by then.
"""

from __future__ import annotations

import ctypes
import json
import os
import runpy
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1  # linux/prctl.h
SERVE = "--serve"


def die_with_parent(parent: int | None = None) -> None:
    """Ask the kernel to kill this process when its parent ends, even by kill -9 (Linux only).

    Parameters
    ----------
    parent : int or None
        Process that the parent must be; if it is another by now, ours had ended before the kernel was asked.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def serve(perform: Callable[[dict[str, Any]], int]) -> None:
    """Do requests until standard input ends.

    Parameters
    ----------
    perform : callable
        Does a request and gives its exit status; what it raises ends the process.
    """
    answers = os.dup(1)
    forget_peak_memory()
    for line in sys.stdin:
        request = json.loads(line)
        log = os.open(Path(request["log"]), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
        status = perform(request)
        sys.stdout.flush()
        sys.stderr.flush()
        os.write(answers, (json.dumps({"status": status}) + "\n").encode())
        forget_peak_memory()


def forget_peak_memory() -> None:
    """Let the kernel count the largest memory of this process from now on (Linux; elsewhere it goes on counting)."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


if __name__ == "__main__":
    module, parent = sys.argv[1:]
    die_with_parent(int(parent))
    sys.argv[1:] = [SERVE]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
