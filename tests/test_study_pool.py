"""Ledger, warm processes, and whole studies of formulas."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import jsonschema
import pandas as pd
import pyarrow.parquet as pq
import pytest
from dask import config

from studies.findings.study_record import StudyRecord
from studies.findings.study_record import schema_text as record_schema
from studies.job import MESHES, Job, JobFile
from studies.plan.plan import Plan
from studies.plan.study_file import StudyError
from studies.plan.study_file import schema_text as file_schema
from studies.pool import pools
from studies.pool.account import account
from studies.pool.cluster import DaskPool, NoScheduler
from studies.pool.ledger import Attempt, Ledger, New, Session
from studies.pool.pools import Pool, slots_here
from studies.pool.slot import Slot
from studies.pool.study import run_study
from studies.pool.task import Ended, Task
from studies.record import RunRecord
from studies.shown import read_shown
from studies.store import RunStore
from studies.supervise import ChildFailed
from studies.warm import Limits, Warm
from verification.faults.cluster import await_, cluster

HERE = Path(__file__).parent
ROOT = HERE.parent
ENOUGH = Limits(60.0, 4_000.0)


def ledger(tmp_path, count=3):
    made = Ledger(tmp_path)
    made.enter(2, "here")
    made.add(1, [New(str(k), "", {"x": k}, f"key-{k}") for k in range(count)])
    return made


# --- ledger --------------------------------------------------------------------------------------


def test_each_variant_is_claimed_once(tmp_path):
    with closing(ledger(tmp_path)) as one, closing(Ledger(tmp_path)) as two:
        two.enter(2, "here")
        claimed = [found.number for found in (one.claim(), two.claim(), one.claim()) if found]
        assert claimed == [1, 2, 3] and two.claim() is None
        assert one.open() == 3


def test_nobody_begins_while_the_first_variant_is_being_done(tmp_path):
    with closing(ledger(tmp_path)) as one, closing(Ledger(tmp_path)) as two:
        two.enter(2, "here")
        leader = one.claim("key-0")
        assert leader.key == "key-0" and two.claim("key-0") is None and one.claim("key-0") is None
        one.finish(leader.number, "converged", "computed", "", "", {})
        assert [two.claim("key-0").number, one.claim("key-0").number] == [2, 3]


def test_what_the_dead_had_in_hand_is_done_by_others(tmp_path):
    one, two = ledger(tmp_path), Ledger(tmp_path)
    two.enter(2, "here")
    assert one.claim() and one.claim()
    assert two.recover() == 0  # alive
    one._lock.close()  # as the kernel does when it ends
    assert two.recover() == 2
    assert [two.claim().number for _ in range(3)] == [1, 2, 3]
    assert [(a.number, a.outcome) for a in two.attempts()] == [(1, "interrupted"), (2, "interrupted")]
    assert two.tries(1) == 0  # nobody's fault
    two.close()


def test_only_the_owner_ends_a_variant(tmp_path):
    with closing(ledger(tmp_path, 1)) as one, closing(Ledger(tmp_path)) as two:
        two.enter(1, "here")
        one.claim()
        two.finish(1, "failed", "crash", "", "", {})
        assert one.counts() == {"running": 1}
        one.finish(1, "done", "computed", "", "folder", {"all": 1.0})
        assert one.counts() == {"done": 1} and one.entries()[0].folder == "folder"


def test_a_round_is_added_once(tmp_path):
    with closing(ledger(tmp_path)) as made:
        made.add(1, [New("again", "", {}, "")])
        assert len(made.entries()) == 3 and made.rounds() == 1
        made.add(2, [New("more", "", {"x": 1.5}, "", "impossible", "no")])
        assert [(e.number, e.round, e.status) for e in made.entries()][-1] == (4, 2, "impossible")


def test_failures_are_forgiven_when_asked(tmp_path):
    with closing(ledger(tmp_path, 1)) as made:
        for status in ("waiting", "failed"):
            made.claim()
            made.finish(1, status, "crash", "SIGSEGV", "", {})
        assert made.tries(1) == 2 and made.open() == 0
        assert made.retry_failed() == 1 and made.tries(1) == 0 and made.open() == 1


def test_a_run_that_somebody_removed_is_run_again(tmp_path):
    with closing(ledger(tmp_path, 2)) as made:
        for number in (1, 2):
            made.claim()
            made.finish(number, "done", "computed", "", f"run{number}", {})
        (tmp_path / "run1").mkdir()
        (tmp_path / "run1" / "run.json").write_text("{}")
        assert made.missing() == 1
        assert made.claim().number == 2


def test_account_of_starts_that_overlap():
    sessions = [
        Session(owner, "here", 1, start, seen, 2, "this machine")
        for owner, start, seen in (("a", 0.0, 10.0), ("b", 5.0, 12.0), ("c", 100.0, 108.0))
    ]
    stages = {"all": 10.0, "mesh": 3.0, "grade": 1.0, "solve": 4.0, "measure": 0.5, "write": 0.25, "report": 1.0}
    attempts = [
        Attempt(1, "a", 4.0, "crash", "", {"all": 2.0}),
        Attempt(1, "a", 9.0, "computed", "", stages),
        Attempt(2, "b", 11.0, "stored", "", {"all": 0.5}),
        Attempt(3, "c", 101.0, "interrupted", "", {}),
    ]
    found = account(sessions, attempts)
    assert found.seconds == 20.0 and found.busy_seconds == 12.5 and found.starts == 3
    assert (found.computed, found.from_store, found.retries) == (1, 1, 1)
    assert found.variants_per_hour == 180.0
    assert found.shares["mesh"] == pytest.approx(4 / 12.5)
    assert sum(found.shares.values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("workers", "memory", "free", "slots"),
    [(2, None, 20_000.0, 2), (8, None, 8_000.0, 3), (8, 4_000.0, 20_000.0, 3), (1, 64_000.0, 8_000.0, 1)],
)
def test_no_more_runs_at_a_time_than_memory_carries(workers, memory, free, slots):
    count, each = slots_here(workers, memory, free)
    assert count == slots
    assert memory or count * each <= 0.8 * free


# --- warm processes ------------------------------------------------------------------------------

SERVER = """
import ctypes, os, time
from studies.served import serve
def perform(request):
    what = request["what"]
    if what == "crash":
        ctypes.string_at(0)
    if what == "sleep":
        time.sleep(60)
    if what == "eat":
        held = bytearray(600 * 2**20)
        time.sleep(60)
    print(what, os.getpid(), flush=True)
    return 3 if what == "refuse" else 0
serve(perform)
"""


@pytest.fixture
def warm(tmp_path, monkeypatch):
    (tmp_path / "served_here.py").write_text(SERVER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    process = Warm("served_here")
    yield process
    process.close()


def said(log):
    return [line.split() for line in log.read_text().splitlines() if line[:1].islower() and len(line.split()) == 2]


def test_a_process_is_kept_and_its_output_goes_to_the_log_of_each_request(warm, tmp_path):
    for name in ("a", "b"):
        warm.do({"what": name}, tmp_path / name, ENOUGH)
    (first,), (second,) = said(tmp_path / "a"), said(tmp_path / "b")
    assert first[0] == "a" and second[0] == "b" and first[1] == second[1]


@pytest.mark.parametrize(
    ("what", "limits", "trouble", "words"),
    [
        ("crash", ENOUGH, "crash", "SIGSEGV"),
        ("sleep", Limits(0.5, 4_000.0), "time", "stopped after"),
        ("eat", Limits(60.0, 400.0), "memory", "GB in use"),
    ],
)
def test_what_goes_wrong_costs_one_request(warm, tmp_path, what, limits, trouble, words):
    with pytest.raises(ChildFailed, match=words) as error:
        warm.do({"what": what}, tmp_path / "log", limits)
    assert error.value.trouble == trouble
    warm.do({"what": "next"}, tmp_path / "next", ENOUGH)
    assert said(tmp_path / "next")[0][0] == "next"


def test_one_started_before_does_the_first_request(warm, tmp_path):
    warm.start()
    started = warm._child.pid
    warm.start()
    warm.do({"what": "a"}, tmp_path / "a", ENOUGH)
    assert said(tmp_path / "a") == [["a", str(started)]]


def test_one_that_has_ended_before_is_started_anew(tmp_path, monkeypatch):
    (tmp_path / "ends_at_once.py").write_text("raise SystemExit('no such library')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    process = Warm("ends_at_once")
    process.start()
    process._child.wait()
    with pytest.raises(ChildFailed):
        process.do({"what": "a"}, tmp_path / "a", ENOUGH)
    process.close()
    assert "no such library" in (tmp_path / "a").read_text()


def test_one_that_ends_with_the_request_in_hand_tells_in_its_log(tmp_path, monkeypatch):
    (tmp_path / "ends_soon.py").write_text("import time\ntime.sleep(1)\nraise SystemExit('no such library')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    process = Warm("ends_soon")
    process.start()
    with pytest.raises(ChildFailed):
        process.do({"what": "a"}, tmp_path / "a", ENOUGH)
    process.close()
    assert "no such library" in (tmp_path / "a").read_text()


def test_places_without_a_task_start_for_those_that_are_expected(monkeypatch):
    started, doing = [], threading.Event()

    class Counting(Slot):
        def start(self):
            started.append(threading.get_ident())

        def perform(self, task, on_event=lambda event: None):
            doing.wait(10)
            return Ended(task.number, None, "", "")

    monkeypatch.setattr(pools, "Slot", Counting)
    pool = pools.LocalPool(3, 1000.0)
    try:
        assert pool.slots == 3
        pool.submit(Task(1, "", "", "", 1.0, 1.0))
        pool.expect(2)
        deadline = time.monotonic() + 10
        while len(started) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(started) == 2
        doing.set()
        assert pool.ended(10).number == 1
    finally:
        doing.set()
        pool.close()


def test_a_fault_at_an_early_start_is_left_to_the_task(monkeypatch):
    def fault(process):
        raise ValueError("of ours")

    monkeypatch.setattr(Warm, "start", fault)
    Slot().start()


def test_a_refusal_keeps_the_process(warm, tmp_path):
    warm.do({"what": "a"}, tmp_path / "a", ENOUGH)
    with pytest.raises(ChildFailed) as error:
        warm.do({"what": "refuse"}, tmp_path / "r", ENOUGH)
    assert error.value.status == 3
    warm.do({"what": "b"}, tmp_path / "b", ENOUGH)
    assert said(tmp_path / "a")[0][1] == said(tmp_path / "b")[0][1]


def test_it_dies_with_its_parent(tmp_path):
    (tmp_path / "served_here.py").write_text(SERVER)
    text = (
        "import time; from pathlib import Path; from studies.warm import *; w = Warm('served_here')\n"
        f"w.do({{'what': 'a'}}, Path({str(tmp_path / 'a')!r}), Limits(60, 4000)); print(w._child.pid, flush=True)\n"
        "time.sleep(60)"
    )
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    parent = subprocess.Popen(
        [sys.executable, "-c", text], stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": path}
    )
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 5
    while running(child):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


# --- the first variant leads ---------------------------------------------------------------------


class Failing(Pool):
    """Three at a time, and all of them fail; the first one leaves meshes if it is to."""

    scheduler, slots = "nobody", 3

    def __init__(self, leaves):
        self.leaves, self.begun, self.most, self.jobs, self.expected = leaves, [], [], [], []

    def memory(self, wanted):
        return 1000.0

    def submit(self, task):
        self.begun.append(task)
        self.most.append(len(self.begun))

    def expect(self, tasks):
        assert self.begun and JobFile.model_validate_json(self.begun[-1].job).leads
        self.expected.append(tasks)

    def ended(self, timeout):
        task = self.begun.pop(0)
        self.most.append(0)
        self.jobs.append(JobFile.model_validate_json(task.job))
        if self.leaves and self.jobs[-1].leads:
            job = Job.of(self.jobs[-1])
            place = RunStore(Path(task.results)).place(job.device.name, job.protocol.name, job.key())
            place.mkdir(parents=True)
            (place / MESHES).touch()
        return Ended(task.number, "error", "it failed", "")

    def close(self):
        return


def plates(start):
    head = ["[study]", 'name = "s"', 'kind = "grid"', 'device = "bone_plate"', "reports = false", f'start = "{start}"']
    return "\n".join([*head, "[vary]", 'thickness = ["4 mm", "4.1 mm", "4.2 mm", "4.3 mm"]', ""])


@pytest.mark.parametrize(("start", "leaves"), [("own", True), ("first", True), ("first", False)])
def test_others_wait_for_the_first_variant_and_begin_with_its_meshes(tmp_path, start, leaves):
    path = tmp_path / "study.toml"
    path.write_text(plates(start))
    pool, plan = Failing(leaves), Plan.read(path)
    variants = run_study(plan, tmp_path / "results", pool).variants
    leader, *others = pool.jobs
    assert len(others) == 3 and leader.start is None
    alone = [
        Job.make(j.device, j.protocol, j.device_settings | j.protocol_settings, j.accuracy).key() for j in pool.jobs
    ]
    if start == "own":
        assert max(pool.most) == 3 and not any(job.start or job.leads for job in pool.jobs)
        assert alone == [Job.of(job).key() for job in pool.jobs]
        assert not pool.expected
        return
    assert pool.expected == [2]  # of three that wait, beside the first
    assert leader.leads and not any(job.leads for job in others)
    assert pool.most[:2] == [1, 0] and max(pool.most) == 3
    key = Job.of(leader).key()
    assert [v.key for v in variants] == [Job.of(job).key() for job in pool.jobs]
    if not leaves:  # they go by the name of what they are
        assert not any(job.start for job in others) and alone[1:] == [v.key for v in variants[1:]]
        return
    assert {job.start.key for job in others} == {key} and Path(others[0].start.file).parent.name == key
    assert not set(alone) & {Job.of(job).key() for job in pool.jobs}  # they are other runs


def test_what_is_no_solid_has_no_leader(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(formula("branin", "grid", 'start = "first"', '[vary]\nx = ["1 mm", "2 mm"]'))
    with pytest.raises(StudyError, match=r"study\.toml, line \d+: .*no test of a solid"):
        Plan.read(path)


# --- whole studies -------------------------------------------------------------------------------


def study(tmp_path, text, *words, name="study.toml"):
    path = tmp_path / name
    path.write_text(text)
    command = [sys.executable, "-m", "benchtwin", "study", path, "--results", tmp_path / "results", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=300)
    assert "Traceback" not in done.stderr, done.stderr
    folder = ROOT / done.stdout.strip().splitlines()[-1] if done.stdout.strip() else None
    return done, folder


def read_all(folder):
    """The records of the variants of a study."""
    return [RunRecord.read((folder / v.folder).resolve()) for v in StudyRecord.read(folder).variants]


def formula(name, kind, *more):
    file = HERE / f"{name}.py"
    head = [
        "[study]",
        'name = "s"',
        f'kind = "{kind}"',
        f'device = "{file}"',
        f'protocol = "{file}"',
        "reports = false",
    ]
    return "\n".join([*head, *more, ""])


ANGLES = "[vary]\n" + "\n".join(f"{x} = {{low = {-math.pi}, high = {math.pi}}}" for x in ("x1", "x2", "x3"))
PLACE = '[vary]\nx = {low = "-5 mm", high = "10 mm"}\ny = {low = "0 mm", high = "15 mm"}\n'


@pytest.fixture(scope="module")
def ishigami(tmp_path_factory):
    """Sobol' indices from a surrogate, once for all tests."""
    tmp_path = tmp_path_factory.mktemp("ishigami")
    text = formula("ishigami", "sobol_indices", "surrogate = true", "runs = 100") + ANGLES
    done, folder = study(tmp_path, text)
    assert done.returncode == 0, done.stderr
    return tmp_path, text, folder


def test_indices_of_ishigami_through_the_whole_way(ishigami):
    record = StudyRecord.read(ishigami[2])
    (indices,) = [f for f in record.findings if f.kind == "indices"]
    known = {"x1": (0.3139, 0.5576), "x2": (0.4424, 0.4424), "x3": (0.0, 0.2437)}
    assert indices.from_surrogate and record.complete
    for row in indices.rows:
        first, total = known[row.input]
        assert abs(row.first - first) <= row.first_interval and abs(row.total - total) <= row.total_interval
        assert row.first_interval < 0.2 and row.total_interval < 0.2


def test_variants_begin_with_the_meshes_that_the_first_has_shown(tmp_path):
    head = ["[study]", 'name = "s"', 'kind = "grid"', "accuracy = 0.1", "reports = false", 'start = "first"']
    part = [f'device = "{ROOT / "examples" / "my_bracket.py"}"', f'protocol = "{HERE / "uneven_pull.py"}"']
    text = "\n".join([*head, *part, '[vary]\ncorner_radius = ["6 mm", "6.5 mm"]', ""])
    done, folder = study(tmp_path, text)
    assert done.returncode == 0, done.stderr
    first, second = sorted(read_all(folder), key=lambda run: bool(run.started_from))
    assert second.started_from == first.key and not first.started_from and second.warnings == first.warnings
    assert second.levels[0].moved and not any(level.moved for level in first.levels)
    assert [level.scale for level in first.levels][:2] == [None, 1.0] and second.levels[0].scale == 1.0
    (shown,) = (folder / "..").resolve().parent.rglob(MESHES)
    cells = [mesh.cells for mesh in read_shown(shown)]
    assert [level.cells for level in second.levels[:2]] == pytest.approx(cells, rel=0.01)
    pair = zip(first.quantities, second.quantities, strict=True)
    assert all(abs(a.value - b.value) < 0.1 * abs(a.value) for a, b in pair if a.unit == "mm")


def test_the_same_study_again_runs_nothing(ishigami):
    tmp_path, text, folder = ishigami
    before = (folder / "variants.csv").read_text()
    done, again = study(tmp_path, text)
    assert done.returncode == 0 and again == folder
    record = StudyRecord.read(folder)
    assert record.execution.computed == 100 and record.execution.starts == 2
    assert (folder / "variants.csv").read_text() == before


def test_tables_of_a_study_have_units_and_all_rows(tmp_path):
    text = formula("branin", "grid") + "[vary]\nx = [-3, 0, 3]\ny = [0, 5]\n"
    done, folder = study(tmp_path, text)
    assert done.returncode == 0, done.stderr
    frame = pd.read_csv(folder / "variants.csv")
    assert len(frame) == 6 and list(frame["x [mm]"]) == [-3, -3, 0, 0, 3, 3]
    assert (frame["status"] == "done").all() and (frame["height_uncertainty"] == 0).all()
    assert math.hypot(-6, -3) == pytest.approx(frame["way [mm]"][0])
    table = pq.read_table(folder / "variants.parquet")
    units = {field.name: field.metadata[b"unit"].decode() for field in table.schema}
    assert units["x"] == units["way"] == units["way_uncertainty"] == "mm" and units["height"] == ""
    assert table.num_rows == 6
    for run in frame["folder"]:
        assert (folder / run / "run.json").is_file()
    jsonschema.validate(json.loads((folder / "study.json").read_text()), json.loads(record_schema()))


def test_schemas_in_the_repository_are_current():
    assert (ROOT / "studies/study.schema.json").read_text() == record_schema()
    assert (ROOT / "studies/study-file.schema.json").read_text() == file_schema()


def test_constrained_optimum_of_branin_through_the_whole_way(tmp_path):
    """The minimum at (pi, 2.275) is forbidden, the two others of 0.397887 are not."""
    text = formula("branin", "optimisation", "runs = 24", "batch = 4") + PLACE
    text += '[[objective]]\nquantity = "height"\nsense = "minimise"\n'
    done, folder = study(tmp_path, text + '[[constraint]]\nquantity = "way"\nminimum = "5 mm"\n')
    assert done.returncode == 0, done.stderr
    record = StudyRecord.read(folder)
    (found,) = [f for f in record.findings if f.kind == "optimum"]
    best = next(v for v in record.variants if v.number == found.front[0])
    assert record.complete and len(record.variants) == 24
    assert best.values["way"].value >= 5.0 and best.values["height"].value - 0.397887 < 0.5
    assert {v.role for v in record.variants} == {f"round {k}" for k in range(1, len(found.rounds) + 1)}


def test_a_quantity_that_there_is_not_is_told_with_its_line(tmp_path):
    text = formula("branin", "grid", 'quantities = ["hight"]') + "[vary]\nx = [1, 2]\n"
    done, _ = study(tmp_path, text)
    assert done.returncode == 2 and "line 7" in done.stderr and "'hight'" in done.stderr and "height" in done.stderr


def test_a_constraint_in_a_wrong_unit_is_told_with_its_line(tmp_path):
    text = formula("branin", "optimisation", "runs = 12") + PLACE
    text += (
        '[[objective]]\nquantity = "height"\nsense = "minimise"\n[[constraint]]\nquantity = "way"\nminimum = "5 N"\n'
    )
    done, _ = study(tmp_path, text)
    assert done.returncode == 2 and "line 16" in done.stderr and "a force" in done.stderr


def test_status_of_a_study(ishigami):
    folder, text, _ = ishigami
    done, _ = study(folder, text, "--status")
    assert done.returncode == 0 and "100 of 100 variants ended" in done.stdout


@pytest.mark.parametrize("address", ["nonsense", "nonsense://x", "tcp://127.0.0.1:1"])
def test_no_scheduler_is_told(address):
    with pytest.raises(NoScheduler, match=f"no Dask scheduler at {address}"):
        DaskPool(address)


@pytest.fixture
def dask(tmp_path):
    with cluster(tmp_path / "dask", 1) as made:
        yield made


def test_workers_are_never_overlooked(dask):
    """The client's own record of the workers is emptied again and again, whenever it asks for totals only."""
    with config.set({"distributed.client.scheduler-info-interval": "1ms"}), closing(DaskPool(dask.address)) as pool:
        assert {pool.slots for _ in range(500)} == {1}


def test_a_scheduler_that_does_not_answer_is_told(dask, monkeypatch):
    monkeypatch.setattr("studies.pool.cluster.ANSWER", 0.2)
    monkeypatch.setattr("studies.pool.cluster.SILENCE", 1.0)
    with closing(DaskPool(dask.address)) as pool:
        os.kill(dask.scheduler.pid, signal.SIGSTOP)
        try:
            with pytest.raises(NoScheduler, match="has not answered for 1 s"):
                while True:
                    pool.check()
                    assert pool.slots == 1  # silence says nothing about the workers
                    time.sleep(0.01)
        finally:
            os.kill(dask.scheduler.pid, signal.SIGCONT)


def test_a_task_waits_while_every_worker_is_away(dask, monkeypatch):
    monkeypatch.setattr("studies.pool.cluster.perform", lambda task: Ended(task.number, None, "", "done"))
    with closing(DaskPool(dask.address)) as pool:
        dask.strike(dask.workers[0].pid)
        await_(lambda: pool.slots == 0, "the loss was not seen")
        pool.submit(Task(7, "", "", "", 1.0, 1.0))
        pool.check()
        assert pool.ended(0.0) is None
        dask.add()
        assert pool.ended(60.0) == Ended(7, None, "", "done")
