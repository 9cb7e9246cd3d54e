"""Runs end to end: key, store, faults, ranks, the examples. Each is a real run in real processes."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchtwin.cli import main
from studies.job import Job
from studies.record import RunRecord, schema_text
from studies.run import LOG, in_processes, run
from studies.store import RunStore, StoreError
from studies.supervise import ChildFailed, run_child

ROOT = Path(__file__).parents[1]
BRACKET = [str(ROOT / "examples/my_bracket.py"), "--protocol", str(ROOT / "examples/my_pull_test.py")]
QUICK = ["--set", "width=8mm", "--set", "leg=20mm", "--accuracy", "0.2"]
NAMES = {"run.json", "report.html", "geometry.step", "mesh.msh", "fields.vtu", "surface.vtu", "run.log"}


def benchtwin(*words, cwd=ROOT, **options):
    command = [sys.executable, "-m", "benchtwin", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=300, check=False, **options)


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="module")
def finished(results):
    """A finished run of the example, on one rank."""
    return benchtwin("run", *BRACKET, *QUICK, "--results", results, "--ranks", 1)


def folder_of(done) -> Path:
    return Path(done.stdout.splitlines()[-1])


def test_run_leaves_a_whole_folder(finished, results):
    assert finished.returncode == 0, finished.stderr
    folder = folder_of(finished)
    assert folder.parent == results / "my_bracket" / "my_pull_test"
    assert {path.name for path in folder.iterdir()} >= NAMES
    assert list(folder.glob("*.png"))
    assert "mesh 1:" in finished.stderr and "\x1b" not in finished.stderr  # plain lines in a pipe
    record = RunRecord.read(folder)
    assert record.key == folder.name and record.status == "done"
    assert all(check.passed for check in record.checks.values())
    assert record.parameters["width"].value == 8.0
    names = set(record.regions.surfaces.values())
    assert {"foot", "tip", "side"} <= names
    assert b"tip" in (folder / "mesh.msh").read_bytes()
    assert f'href="my_bracket/my_pull_test/{folder.name}/report.html"' in (results / "index.html").read_text()


def test_same_run_comes_from_the_store(finished, results):
    record = folder_of(finished) / "run.json"
    before = record.stat().st_mtime_ns
    again = benchtwin("run", *BRACKET, *QUICK, "--results", results, "--ranks", 2)
    assert folder_of(again) == folder_of(finished) and "from the store" in again.stderr
    assert record.stat().st_mtime_ns == before
    # the same length in another unit is the same run
    inches = ["--set", f"width={8 / 25.4!r}in", *QUICK[2:]]
    assert folder_of(benchtwin("run", *BRACKET, *inches, "--results", results)) == folder_of(finished)


@pytest.mark.slow
def test_two_ranks_give_the_same_numbers(finished, tmp_path):
    done = benchtwin("run", *BRACKET, *QUICK, "--results", tmp_path, "--ranks", 2)
    assert done.returncode == 0, done.stderr
    alike(finished, done)


def alike(finished, done):
    """Two ranks have found what one has."""
    one, two = RunRecord.read(folder_of(finished)), RunRecord.read(folder_of(done))
    assert two.provenance.ranks == 2 and one.key == two.key
    for a, b in zip(one.levels, two.levels, strict=True):
        assert a.dofs == b.dofs
        for name, value in a.values.items():
            assert b.values[name] == pytest.approx(value, rel=1e-8), name


def test_under_an_outer_launcher_the_ranks_there_are_solve_together(finished, tmp_path):
    from studies.run import mpiexec

    command = [mpiexec(), "-n", "2", sys.executable, "-m", "benchtwin", "run", *BRACKET, *QUICK]
    done = subprocess.run([*command, "--results", str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("/default") <= 1
    alike(finished, done)


@pytest.mark.parametrize(
    ("words", "said"), [([], "cannot be written"), (["--set", "width=3kg"], "width"), (["--ranks", "3"], "ranks = 3")]
)
def test_wrong_input_under_a_launcher_ends_all_processes_and_is_said_once(words, said, tmp_path):
    from studies.run import mpiexec

    (tmp_path / "file").write_text("not a folder")
    command = [mpiexec(), "-n", "2", sys.executable, "-m", "benchtwin", "run", *BRACKET, *words]
    done = subprocess.run(
        [*command, "--results", str(tmp_path / "file")], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2 and done.stderr.count("error:") == 1 and said in done.stderr


def test_schema_in_the_repository_is_current(finished):
    import jsonschema

    stored = (ROOT / "studies/run.schema.json").read_text()
    assert stored == schema_text()
    jsonschema.validate(json.loads((folder_of(finished) / "run.json").read_text()), json.loads(stored))


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["hip_stm"], ["no device named 'hip_stm'", "hip_stem"]),
        (["hip_stem", "--protocol", "hip_iso"], ["no protocol named 'hip_iso'", "hip_iso7206_4"]),
        (["hip_stem", "--set", "neck_diametr=12mm"], ["'neck_diametr'", "neck_diameter"]),
        (["hip_stem", "--set", "neck_diameter=3 kg"], ["neck_diameter", "a mass", "mm to"]),
        (["hip_stem", "--set", "neck_diameter=5in"], ["neck_diameter = 127 mm", "out of range", "mm to"]),
        (["hip_stem", "--set", "neck_diameter"], ["name=value"]),
        (["hip_stem", "--set", "neck_diameter=12", "--set", "neck_diameter=13"], ["twice"]),
        (["hip_stem", "--set", "material=ti6al4v"], ["ti6al4v", "ti6al4v_eli"]),
        (["hip_stem", "--accuracy", "7"], ["accuracy = 7", "0.5"]),
        (["hip_stem", "--ranks", "0"], ["ranks = 0"]),
        (["hip_stem", "--memory", "0.1"], ["memory = 0.1", "0.5"]),
        (["hip_stem", "--memory", "nan"], ["memory = nan"]),
        (["hip_stem", "--minutes", "0"], ["minutes = 0", "0.1"]),
        (["hip_stem", "--colour", "red"], ["colour"]),
        (["no_such_file.py"], ["no device file"]),
        (["bone_plate", "--protocol", "hip_iso7206_4"], ["trunnion"]),
        (["bone_plate", "--set", "load_span=150mm"], ["load_span", "length", "conflict"]),
    ],
)
@pytest.mark.filterwarnings("ignore:Cyclopts application invoked")
def test_wrong_input_is_said_in_words(words, parts, tmp_path, monkeypatch, capfd):
    ranks = [] if "--ranks" in words else ["--ranks", "1"]
    monkeypatch.setattr(sys, "argv", ["benchtwin", "run", *words, "--results", str(tmp_path), *ranks])
    monkeypatch.setenv("PETSC_OPTIONS", "")  # main sets it
    with pytest.raises(SystemExit) as ended:
        main()
    printed, said = capfd.readouterr()
    assert ended.value.code == 2, said
    assert all(part in said for part in parts), said
    assert "Traceback" not in said and printed == ""
    assert not list(tmp_path.glob("*/*/*/run.json"))


def test_wrong_input_ends_the_process_with_2(tmp_path):
    done = benchtwin("run", "hip_stm", "--results", tmp_path)
    assert done.returncode == 2 and "no device named 'hip_stm'" in done.stderr
    assert "Traceback" not in done.stderr and done.stdout == ""


def test_results_folder_that_cannot_be_written(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    done = benchtwin("run", *BRACKET, "--results", blocked)
    assert done.returncode == 2 and "cannot be written" in done.stderr


def start(results, *words):
    command = [sys.executable, "-m", "benchtwin", "run", *BRACKET, *QUICK, *words, "--results", str(results)]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: list(results.glob(".aside/*/progress.jsonl")))
    return child


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)


def workers(results) -> list[int]:
    """Processes that work on a folder of these results."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if "studies.worker" in words and str(results) in words:
            found.append(int(entry.parent.name))
    return found


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("ranks", [1, 2])
def test_killed_run_leaves_no_run_and_no_process(number, ranks, tmp_path):
    child = start(tmp_path, "--ranks", str(ranks))
    wait_for(lambda: len(workers(tmp_path)) >= ranks)
    child.send_signal(number)
    child.communicate(timeout=60)
    assert child.returncode != 0
    assert not list(tmp_path.glob("*/*/*/run.json"))
    wait_for(lambda: not workers(tmp_path))
    RunStore(tmp_path).prepare()  # what the next run does first
    assert not list((tmp_path / ".aside").iterdir())


@pytest.mark.parametrize("stage", ["geometry", "solve"])
def test_crash_of_the_solver_keeps_its_log(stage, tmp_path):
    child = start(tmp_path, "--ranks", "1")
    wait_for(lambda: any(stage in path.read_text() for path in tmp_path.glob(".aside/*/progress.jsonl")))
    os.kill(workers(tmp_path)[0], signal.SIGSEGV)
    _, said = child.communicate(timeout=60)
    assert child.returncode == 1 and "SIGSEGV" in said and "Traceback" not in said
    log = Path(re.search(r"log: (.*)", said).group(1))
    assert log.is_file() and "failed" in log.parts
    assert "Segmentation fault" in log.read_text()


def test_full_disk_leaves_nothing_half_done(finished, tmp_path, monkeypatch):
    """The disk is full when the folder is to be made durable: no run appears."""
    store = RunStore(tmp_path)
    store.prepare()
    aside = store.aside("key")
    (aside / "run.json").write_bytes((folder_of(finished) / "run.json").read_bytes())

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        store.commit(aside, store.place("d", "p", "key"))
    assert store.find("d", "p", "key") is None
    monkeypatch.undo()
    store.commit(aside, store.place("d", "p", "key"))
    assert store.find("d", "p", "key")


def test_store_refuses_an_incomplete_folder(tmp_path):
    store = RunStore(tmp_path)
    store.prepare()
    aside = store.aside("key")
    with pytest.raises(OSError):
        store.commit(aside, store.place("d", "p", "key"))
    (aside / "run.json").write_text("{}")
    with pytest.raises(ValueError):
        store.commit(aside, store.place("d", "p", "key"))
    assert store.find("d", "p", "key") is None


def test_store_sweeps_only_what_the_dead_left(tmp_path):
    store = RunStore(tmp_path)
    store.prepare()
    mine = store.aside("mine")
    owner = mine.name.rpartition(".")[2].rpartition("-")[0]
    dead, elsewhere = (tmp_path / ".aside" / f"key.0.{host}-999999999" for host in (owner, "another_host"))
    for folder in (dead, elsewhere):
        folder.mkdir()
    store.prepare()
    assert mine.exists() and not dead.exists()
    assert elsewhere.exists()  # nothing can be said of processes on other machines


def test_store_that_is_a_file(tmp_path):
    (tmp_path / "x").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        RunStore(tmp_path / "x").prepare()


def test_child_that_dies_by_a_signal(tmp_path):
    with pytest.raises(ChildFailed, match="SIGABRT"):
        run_child([sys.executable, "-c", "import os; os.abort()"], tmp_path / "log")


def test_list_names_everything():
    done = benchtwin("list")
    assert done.returncode == 0
    for name in ("hip_stem", "bone_plate", "hip_iso7206_4", "hip_iso7206_6", "plate_f382", "ti6al4v_eli"):
        assert name in done.stdout
    details = benchtwin("list", "protocols", env=os.environ | {"COLUMNS": "200"})
    assert "fixture_depth" in details.stdout and "assumed" in details.stdout


def test_run_is_kept_when_its_pictures_fail(tmp_path):
    part = [str(ROOT / "examples/my_bracket.py"), str(ROOT / "examples/my_pull_test.py")]
    job = Job.make(*part, {"width": 8, "leg": 20}, 0.2)

    def draw(folder):
        run_child([sys.executable, "-c", "import os; os.abort()"], folder / LOG)

    done = run(job, RunStore(tmp_path), in_processes(1), finish=draw)
    assert "SIGABRT" in done.trouble and RunRecord.read(done.folder).status == "done"


def test_report_is_written_anew(finished):
    folder = folder_of(finished)
    (folder / "report.html").unlink()
    done = benchtwin("report", folder)
    assert done.returncode == 0 and (folder / "report.html").is_file(), done.stderr
    assert benchtwin("report", folder.parent).returncode == 2


def test_examples_are_those_of_the_readme():
    readme = (ROOT / "README.md").read_text()
    for name in ("my_bracket.py", "my_pull_test.py"):
        text = (ROOT / "examples" / name).read_text()
        assert len(text.splitlines()) < 40
        assert text.strip() in readme
