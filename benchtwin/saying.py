"""How the commands name a path, and how they fail."""

from __future__ import annotations

import sys
from pathlib import Path

from studies.launcher import launched


def shown(path: Path) -> Path:
    """Relative to where the user stands, if it is below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def fail(message: str, status: int) -> int:
    if launched()[0] == 0:  # once, not from every process of a launcher
        print(f"error: {message}", file=sys.stderr)
    return status
