"""Pictures shared out between two processes."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reports import helper
from reports.helper import Helper, do
from reports.scenery import Picture


class Tasks:
    """Some pictures to draw, and who drew them."""

    def __init__(self, count: int) -> None:
        self.drawn: list[int] = []
        self.all = [self._task(number) for number in range(count)]

    def _task(self, number: int):
        def task() -> list[Picture]:
            self.drawn.append(number)
            return [
                Picture(f"{number}-{k}.png", "caption", "alt", True) for k in range(number % 3)
            ]  # 0, 1 or 2 of them

        return task

    @property
    def pictures(self) -> list[str]:
        return [f"{number}-{k}.png" for number in range(len(self.all)) for k in range(number % 3)]


def test_each_picture_is_drawn_once_and_none_is_lost(tmp_path: Path) -> None:
    tasks = Tasks(60)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda order: do(tasks.all, order, tmp_path), [range(60), reversed(range(60)), range(60)]))
    assert sorted(tasks.drawn) == list(range(60))
    assert len(list(tmp_path.glob("*.json"))) == 60


def test_what_no_helper_draws_is_drawn_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helper, "_help", lambda *given: None)  # it ends at once
    tasks = Tasks(7)
    with Helper(tasks.all) as beside:
        beside.draw()
        assert [picture.file for picture in beside.pictures()] == tasks.pictures
    assert sorted(tasks.drawn) == list(range(7))


def test_a_helper_that_dies_at_a_picture_leaves_it_to_us() -> None:
    tasks = Tasks(5)
    with Helper(tasks.all) as beside:
        (beside._desk / "2.taken").touch()
        (beside._desk / "2.part").write_text("[")
        beside.draw()
        assert [picture.file for picture in beside.pictures()] == tasks.pictures


def test_what_goes_wrong_in_drawing_is_told() -> None:
    def fails() -> list[Picture]:
        raise ValueError("no picture")

    with Helper([fails]) as beside, pytest.raises(ValueError, match="no picture"):
        beside.draw()
    assert not beside._desk.exists()


ALONE = """
import os, sys, time
from reports.helper import Helper
from reports.scenery import Picture

crash, here = int(sys.argv[1]), os.getpid()


def task(number):
    def drawn():
        if number == crash and os.getpid() != here:
            os.kill(os.getpid(), 11)
        time.sleep(0.05)
        return [Picture(f"{number} {os.getpid()}", "", "", True)]

    return drawn


with Helper([task(number) for number in range(12)]) as helper:
    helper.draw()
    found = [picture.file.split() for picture in helper.pictures()]
assert [int(number) for number, _ in found] == list(range(12)), found
print(len({by for _, by in found}))
"""


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core")
@pytest.mark.parametrize(("crash", "processes"), [(-1, 2), (0, 1), (2, 2)])
def test_a_process_without_threads_is_helped_and_survives_the_helper(crash: int, processes: int) -> None:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", ALONE, str(crash)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"{processes}\n"), done.stderr
