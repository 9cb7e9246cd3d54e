"""Python on several MPI ranks, for tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from studies.run import mpiexec

ROOT = Path(__file__).parents[1]


def on_ranks(script: str, ranks: int) -> str:
    """What a script prints."""
    command = [mpiexec(), "-n", str(ranks), sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip()
