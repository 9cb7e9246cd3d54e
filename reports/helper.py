"""A second process that draws some of the pictures of a run, where there is a second core."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stderr
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import TypeAdapter

from reports import graphics
from reports.scenery import Picture
from studies.served import die_with_parent

Task = Callable[[], Sequence[Picture]]

_PICTURES = TypeAdapter(list[Picture])
_THREADS = Path("/proc/self/task")


class Helper:
    """A copy of this process that draws beside it.

    What is drawn by whom is settled picture by picture: each process takes what no other has taken. If the helper
    crashes or fails, its pictures are drawn here, so that what went wrong with them is found here too. A process that
    has threads, or has only one core, gets no helper.

    Parameters
    ----------
    tasks : sequence of Task
        All that there is to be drawn.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        self.tasks = tasks
        self._process: BaseProcess | None = None

    def __enter__(self) -> Self:
        self._desk = Path(tempfile.mkdtemp(prefix="pictures-"))
        if self.tasks and _can_fork():
            graphics.one_core()
            arguments = (os.getpid(), self.tasks, self._desk)
            self._process = multiprocessing.get_context("fork").Process(target=_help, args=arguments)
            self._process.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process:
            self._process.kill()
            self._process.join()
        shutil.rmtree(self._desk, ignore_errors=True)

    def draw(self) -> None:
        """Do what the helper has not taken; it may be at its last picture after this."""
        # From the end: the two meet somewhere.
        do(self.tasks, reversed(range(len(self.tasks))), self._desk)

    def pictures(self) -> list[Picture]:
        """All pictures, in the order of the tasks, when they are there; what neither has drawn is drawn now."""
        if self._process:
            self._process.join()
        done = [self._desk / f"{number}.json" for number in range(len(self.tasks))]
        return [
            picture
            for task, path in zip(self.tasks, done, strict=True)
            for picture in (_PICTURES.validate_json(path.read_bytes()) if path.exists() else task())
        ]


def do(tasks: Sequence[Task], order: Iterable[int], desk: Path) -> None:
    """Do those of the tasks that nobody has taken yet, and leave word of their pictures on the desk."""
    for number in order:
        try:
            (desk / f"{number}.taken").touch(exist_ok=False)
        except FileExistsError:
            continue
        said = desk / f"{number}.part"
        said.write_bytes(_PICTURES.dump_json(list(tasks[number]())))
        said.replace(desk / f"{number}.json")


def _can_fork() -> bool:
    """Whether this process can be copied soundly (Linux), and it pays."""
    return _THREADS.is_dir() and len(list(_THREADS.iterdir())) == 1 and len(os.sched_getaffinity(0)) > 1


def _help(parent: int, tasks: Sequence[Task], desk: Path) -> None:
    die_with_parent(parent)
    with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):  # who asked for help says what is wrong
        do(tasks, range(len(tasks)), desk)
