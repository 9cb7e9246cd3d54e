"""The order of the test files."""

from __future__ import annotations

# Files are shared out among processes whole. These take longest; one started last would keep the others waiting.
LONG = (
    "test_study_faults",
    "test_runs",
    "test_flow",
    "test_study_pool",
    "test_grading",
    "test_scaffold",
    "test_transient",
)


def pytest_collection_modifyitems(items):
    """Long files first; all else stays in its order."""
    place = {name: k for k, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONG)))
