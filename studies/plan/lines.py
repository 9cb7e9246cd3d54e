"""Where a key stands in a TOML file, for messages: the parser tells only where syntax is wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")


def line_of(text: str, path: Sequence[str | int]) -> int | None:
    """Number of the line, from 1, that a key path such as ("vary", "width", "low") or ("variant", 2, "width") leads to.

    The nearest place above it where the key itself is not found; None if not even its table is.
    """
    words = [str(step) for step in path if not isinstance(step, int)]
    counts = [step for step in path if isinstance(step, int)]
    if not words:
        return None
    lines = text.splitlines()
    found, depth = None, 0
    table: list[str] = []
    seen: dict[str, int] = {}
    matching = True
    for number, line in enumerate(lines, 1):
        if header := _HEADER.match(line):
            table = [part.strip().strip("\"'") for part in header[2].split(".")]
            name = ".".join(table)
            seen[name] = seen.get(name, -1) + 1
            matching = header[1] == "[" or not counts or seen[name] == counts[0]
            if matching and table == words[: len(table)] and len(table) > depth:
                found, depth = number, len(table)
            continue
        if not matching or table != words[: len(table)] or len(words) <= len(table):
            continue
        for key in _keys(line):
            if key == words[len(table)] and len(table) + 1 > depth:
                found, depth = number, len(table) + 1
    return found


def _keys(line: str) -> list[str]:
    """The key that a line begins with, if it does."""
    match = re.match(r"\s*(\"[^\"]+\"|'[^']+'|[A-Za-z0-9_.-]+)\s*=", line)
    if not match:
        return []
    key = match[1].strip("\"'")
    return [key, key.split(".")[0]] if match[1][0] not in "\"'" else [key]
