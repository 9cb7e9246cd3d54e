"""Where things stand in a results folder: runs as <device>/<protocol>/<key>/, and beside them these folders."""

from __future__ import annotations

ASIDE, FAILED, LOCKS = ".aside", "failed", ".locks"
STUDIES, COMPARISONS = "studies", "comparisons"
INDEX = "index.html"
INDEX_FILES = "index_files"  # what the index is made from, and its pictures; named as browsers name what they save

NO_DEVICES = frozenset({FAILED, STUDIES, COMPARISONS, INDEX_FILES})
