"""Files that are there whole or not at all, whoever else writes them at the same time."""

from __future__ import annotations

import uuid
from pathlib import Path

ASIDE = ".part"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file aside, under a name of its own, and rename it into place."""
    aside = path.parent / f".{uuid.uuid4().hex}{ASIDE}"
    try:
        aside.write_bytes(content)
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
