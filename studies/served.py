"""A process that does one request after the other: the side of the process. See `studies.warm` for the other side.

Requests come as JSON lines on standard input; for each, one JSON line goes back. What a request prints, native
libraries included, goes to the log it names.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1  # linux/prctl.h
SERVE = "--serve"


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends, even by kill -9 (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def serve(perform: Callable[[dict[str, Any]], int]) -> None:
    """Do requests until standard input ends.

    Parameters
    ----------
    perform : callable
        Does a request and gives its exit status; what it raises ends the process.
    """
    parent = os.getppid()
    die_with_parent()
    if os.getppid() != parent:  # it ended before the kernel was asked
        return
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
