"""A second process that draws some of the pictures of a run, where there is a second core."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stderr, suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Self

from reports import graphics
from reports.desk import desk
from reports.scenery import Drawing, Picture
from studies.served import die_with_parent

Task = Callable[[], Drawing]

_WORD = "word"  # what the helper tells before it draws
_THREADS = Path("/proc/self/task")
_POLL = 0.01  # s


class Helper[T]:
    """A copy of this process that draws beside it.

    It tells first what there is to come, and then draws. What is drawn by whom is settled task by task: each process
    takes what no other has taken. If the helper crashes or fails, its pictures are drawn here, so that what went wrong
    with them is found here too. A process that has threads, or has only one core, gets no helper.

    Parameters
    ----------
    tasks : sequence of Task
        All that there is to be drawn.
    first : callable
        What the helper is to do before it draws; `first` gives what it returns.
    """

    def __init__(self, tasks: Sequence[Task], first: Callable[[], T]) -> None:
        self.tasks, self._first = tasks, first
        self._process: BaseProcess | None = None
        self._begun: list[Drawing] = []
        self._made: T | None = None
        self._pictures: list[list[Picture]] | None = None

    def __enter__(self) -> Self:
        self._desk = desk()
        if self.tasks and _can_fork():
            graphics.one_core()
            arguments = (os.getpid(), self.tasks, self._first, self._desk)
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

    def first(self) -> T:
        """What was to be done first; whether anything can be drawn does not matter to it."""
        if self._made is None:
            word = self._heard()
            self._made = word[0] if word else self._first()
        return self._made

    def announced(self) -> list[Picture]:
        """The pictures, in the order of the tasks, drawn or to be drawn by `draw`."""
        if self._pictures is None:
            word = self._heard()
            self._pictures = word[1] if word else self._announce()
        return [picture for group in self._pictures for picture in group]

    def draw(self) -> None:
        """Draw what the helper does not; all pictures are there after this."""
        # From the end: the two meet somewhere.
        take(self._draw, reversed(range(len(self.tasks))), self._desk)
        if self._process:
            self._process.join()
        for number in range(len(self.tasks)):
            if not (done := self._desk / f"{number}.done").exists():
                self._draw(number)
                done.touch()

    def _heard(self) -> tuple[T, list[list[Picture]]] | None:
        """What the helper tells; None if there is none, or it has died before."""
        word = self._desk / _WORD
        while self._process and not word.exists() and self._process.is_alive():
            time.sleep(_POLL)
        # Our own copy wrote it, where nobody else can write.
        return pickle.loads(word.read_bytes()) if word.exists() else None

    def _announce(self) -> list[list[Picture]]:
        self._begun = [task() for task in self.tasks]
        return [list(next(drawing)) for drawing in self._begun]

    def _draw(self, number: int) -> None:
        drawing = self._begun[number] if self._begun else self.tasks[number]()
        finish(drawing)


def finish(drawing: Drawing) -> None:
    """Draw the pictures of a drawing, whether they have been told or not."""
    for _ in drawing:
        pass


def take(draw: Callable[[int], None], order: Iterable[int], desk: Path) -> None:
    """Draw those by their numbers that nobody has taken yet, and leave word on the desk."""
    for number in order:
        try:
            (desk / f"{number}.taken").touch(exist_ok=False)
        except FileExistsError:
            continue
        draw(number)
        (desk / f"{number}.done").touch()


def _can_fork() -> bool:
    """Whether this process can be copied soundly (Linux), and it pays."""
    return _THREADS.is_dir() and len(list(_THREADS.iterdir())) == 1 and len(os.sched_getaffinity(0)) > 1


def _help(parent: int, tasks: Sequence[Task], first: Callable[[], object], desk: Path) -> None:
    die_with_parent(parent)
    # Who asked for help finds out what is wrong, and says it.
    with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere), suppress(Exception):
        drawings = [task() for task in tasks]
        part = desk / "word.part"
        part.write_bytes(pickle.dumps((first(), [list(next(drawing)) for drawing in drawings])))
        part.replace(desk / _WORD)
        take(lambda number: finish(drawings[number]), range(len(tasks)), desk)
