"""Progress of a run on standard error: a live line on a terminal, plain lines in a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console

from studies.job import Job
from studies.supervise import OnEvent


@contextmanager
def show_progress(job: Job) -> Iterator[OnEvent]:
    """Give a function that shows the events of a run."""
    console = Console(stderr=True, highlight=False)
    title = f"{job.device.name} under {job.protocol.name}, to {job.accuracy:.3g}"
    level = 1
    if not console.is_terminal:
        console.print(title)

        def plain(event: dict[str, Any]) -> None:
            nonlocal level
            if event["stage"] == "level":
                console.print(_level(event))
                level = event["level"] + 1
            elif event["stage"] in ("geometry", "report"):
                console.print(_stage(event, level))

        yield plain
        return
    with console.status(title) as status:

        def live(event: dict[str, Any]) -> None:
            nonlocal level
            if event["stage"] == "level":
                console.print(_level(event))
                level = event["level"] + 1
            status.update(f"{title}: {_stage(event, level)}")

        yield live


def _level(event: dict[str, Any]) -> str:
    settled = event["of"] - event["open"]
    use = f"{settled} of {event['of']} quantities settled" if event["of"] else "to find where elements must be small"
    return f"mesh {event['level']}: {event['dofs']:,} unknowns in {event['seconds']:.1f} s, {use}"


def _stage(event: dict[str, Any], level: int) -> str:
    stages: dict[str, str] = {
        "geometry": "drawing the solid",
        "mesh": f"meshing, mesh {level}",
        "solve": f"solving {event.get('cells', 0):,} elements, mesh {level}",
        "measure": f"measuring, mesh {level}",
        "write": "writing fields",
        "report": "drawing pictures and report",
    }
    return stages.get(event["stage"], event["stage"])
