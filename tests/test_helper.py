"""Pictures shared out between two processes."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from reports import helper
from reports.desk import abandoned, desk
from reports.helper import Helper, take
from reports.scenery import Drawing, Picture


class Tasks:
    """Some pictures to draw, and which were drawn."""

    def __init__(self, count: int) -> None:
        self.drawn: list[int] = []
        self.all = [partial(self._task, number) for number in range(count)]

    def _task(self, number: int) -> Drawing:
        yield [Picture(f"{number}-{k}.png", "caption", "alt", True) for k in range(number % 3)]  # 0, 1 or 2 of them
        self.drawn.append(number)

    @property
    def pictures(self) -> list[str]:
        return [f"{number}-{k}.png" for number in range(len(self.all)) for k in range(number % 3)]


def nothing() -> None:
    return


def test_each_picture_is_drawn_once_and_none_is_lost(tmp_path: Path) -> None:
    drawn: list[int] = []
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda order: take(drawn.append, order, tmp_path), [range(60), reversed(range(60)), range(60)]))
    assert sorted(drawn) == list(range(60))
    assert len(list(tmp_path.glob("*.done"))) == 60


@pytest.mark.parametrize("told", [True, False])
def test_what_no_helper_draws_is_drawn_here(monkeypatch: pytest.MonkeyPatch, *, told: bool) -> None:
    monkeypatch.setattr(helper, "_help", lambda *given: None)  # it ends at once
    tasks = Tasks(7)
    with Helper(tasks.all, lambda: 5) as beside:
        if told:
            assert [picture.file for picture in beside.announced()] == tasks.pictures
            assert tasks.drawn == []
        beside.draw()
        assert sorted(tasks.drawn) == list(range(7))
        assert [picture.file for picture in beside.announced()] == tasks.pictures
        assert beside.first() == 5


def test_a_helper_that_dies_at_a_picture_leaves_it_to_us() -> None:
    tasks = Tasks(5)
    with Helper(tasks.all, nothing) as beside:
        (beside._desk / "2.taken").touch()
        beside.draw()
        assert [picture.file for picture in beside.announced()] == tasks.pictures
    assert sorted(tasks.drawn) == list(range(5))


def test_what_was_to_be_done_first_is_there_though_nothing_can_be_drawn() -> None:
    def fails() -> Drawing:
        raise ValueError("no graphics")
        yield []

    with Helper([fails], lambda: 5) as beside:
        assert beside.first() == 5
        with pytest.raises(ValueError, match="no graphics"):
            beside.announced()


def test_what_the_killed_have_left_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    names = [f"benchtwin-report-{dead.pid}-x", f"benchtwin-report-{os.getpid()}-y", f"other-{dead.pid}-z"]
    for name in names:
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (0.0, 0.0))
    young = tmp_path / f"benchtwin-report-{dead.pid}-w"
    young.mkdir()
    mine = desk()
    assert {path.name for path in tmp_path.iterdir()} == {*names[1:], mine.name, young.name}
    parts = [tmp_path / f"report.pdf.{number}.part" for number in (dead.pid, os.getpid())]
    for part in parts:
        part.touch()
        assert not abandoned(parts)
    for part in parts:
        os.utime(part, (0.0, 0.0))
    assert abandoned(parts) == parts[:1]


def test_what_goes_wrong_in_drawing_is_told() -> None:
    def fails() -> Drawing:
        yield []
        raise ValueError("no picture")

    with Helper([fails], nothing) as beside, pytest.raises(ValueError, match="no picture"):
        beside.draw()
    assert not beside._desk.exists()


ALONE = """
import os, sys, tempfile, time
from functools import partial
from pathlib import Path
from reports.helper import Helper
from reports.scenery import Picture

crash, here, desk = int(sys.argv[1]), os.getpid(), Path(tempfile.mkdtemp(dir=sys.argv[2]))


def task(number):
    if number == crash == 3 and os.getpid() != here:
        os.kill(os.getpid(), 11)  # before it has told anything
    yield [Picture(str(number), "", "", True)]
    if number == crash and os.getpid() != here:
        os.kill(os.getpid(), 11)
    time.sleep(0.05)
    (desk / f"{number} {os.getpid()}").touch()


with Helper([partial(task, number) for number in range(12)], os.getpid) as helper:
    told, first = helper.announced(), helper.first()
    assert not any(desk.iterdir()) or first != here, "told only when it was drawn"
    helper.draw()
assert [int(picture.file) for picture in told] == list(range(12)), told
found = [path.name.split() for path in desk.iterdir()]
assert sorted(int(number) for number, _ in found) == list(range(12)), found
print(len({by for _, by in found}), first != here)
"""


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core")
@pytest.mark.parametrize(
    ("crash", "processes", "told_by_helper"), [(-1, 2, True), (0, 1, True), (2, 2, True), (3, 1, False)]
)
def test_a_process_without_threads_is_helped_and_survives_the_helper(
    tmp_path: Path, crash: int, processes: int, *, told_by_helper: bool
) -> None:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", ALONE, str(crash), str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"{processes} {told_by_helper}\n"), done.stderr
