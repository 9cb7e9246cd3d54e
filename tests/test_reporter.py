"""The process that draws the report of a run: ready before there is anything to draw."""

from __future__ import annotations

import pytest
from run_folders import stem_folder

from benchtwin import reporting
from benchtwin.reporting import Reporter
from studies.run import LOG
from studies.supervise import ChildFailed
from studies.warm import Warm

EVENTS = [{"stage": "geometry"}, {"stage": "mesh"}, {"stage": "done"}]


@pytest.fixture
def starts(monkeypatch):
    """How often it was started before there was anything to draw."""
    counted = []
    monkeypatch.setattr(Warm, "start", lambda process: counted.append(process.module))
    monkeypatch.setattr(reporting, "available_cores", lambda: 2)
    return counted


def test_it_is_started_once_and_every_word_is_passed_on(starts):
    heard = []
    with Reporter() as reporter:
        tell = reporter.beside(heard.append)
        assert starts == []
        for event in EVENTS:
            tell(event)
    assert starts == ["reports"] and heard == EVENTS


def test_a_single_core_is_left_to_the_run(starts, monkeypatch):
    monkeypatch.setattr(reporting, "available_cores", lambda: 1)
    with Reporter() as reporter:
        reporter.beside(lambda event: None)(EVENTS[0])
    assert starts == []


def test_a_run_goes_on_where_no_process_can_be_started(starts, monkeypatch):
    def none_left(process):
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(Warm, "start", none_left)
    heard = []
    with Reporter() as reporter:
        reporter.beside(heard.append)(EVENTS[0])
    assert heard == EVENTS[:1]


def test_it_writes_the_whole_report(tmp_path):
    folder = stem_folder(tmp_path / "run", size=5.0)
    with Reporter() as reporter:
        reporter.beside(lambda event: None)(EVENTS[0])
        reporter.write(folder)
    assert {"report.html", "report.pdf", "statements.toml", "setup.png", "section.png"} <= {
        p.name for p in folder.iterdir()
    }
    assert "report.html" in (folder / LOG).read_text()


def test_what_goes_wrong_is_in_the_log_of_the_run(tmp_path):
    with Reporter() as reporter, pytest.raises(ChildFailed) as error:
        reporter.beside(lambda event: None)(EVENTS[0])
        reporter.write(tmp_path)
    assert error.value.status == 2 and "no run record" in (tmp_path / LOG).read_text()
