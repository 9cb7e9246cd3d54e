"""The disk full at one place after the other; then room again."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from studies.layout import STUDIES
from studies.plan.plan import Plan
from studies.pool.ledger import OWNERS
from studies.pool.slot import Slot
from studies.pool.task import Ended, Task
from studies.store import RunStore
from verification.faults import files
from verification.faults.audit import Reference, Watch, opened, run_folders, study_folders
from verification.faults.ground import ENDED_WELL, Ground, completes, gone
from verification.faults.kills import BRACKETS
from verification.faults.outcome import FaultOutcome, timed
from verification.faults.started import Started

MB = 2**20
# What is left when it fills up, bytes. A formula run takes 8 kB, a run on a mesh 15 MB, a ledger some 100 kB, the
# report of a study 2 MB.
LEFT_FORMULA = (0, 4096, 8192, 16_384, 40_960, 131_072, 524_288, 3 * MB // 2)
LEFT_MESH = (0, 65_536, 3 * MB, 6 * MB, 9 * MB, 12 * MB, 14 * MB)
LEFT_RUN = (0, 4096, 8192, 16_384, 32_768, 65_536)
RUN_MB = 3_000.0
WORDS = ("full", "No space left")
ERROR = 1


def formulas(ground: Ground, times: int, runs: int = 40) -> FaultOutcome:
    """A study of formula runs."""
    outcome = FaultOutcome(
        name="a full disk, formula runs",
        what=f"a file system filled up while a study of {runs} formula runs went on, with 0 to 1.5 MB left; the same "
        "command while it was full; then room again, and the same command",
    )
    return _filled(ground, files.ishigami(runs), times, LEFT_FORMULA, outcome)


def meshes(ground: Ground, times: int) -> FaultOutcome:
    """A study of runs on meshes."""
    outcome = FaultOutcome(
        name="a full disk, runs on meshes",
        what=f"the same with {len(BRACKETS)} runs on meshes with pictures and reports, with 0 to 14 MB left",
    )
    return _filled(ground, files.brackets(BRACKETS), times, LEFT_MESH, outcome)


def runs(ground: Ground, times: int) -> FaultOutcome:
    """Single runs that find the disk full: where a study's ledger would say so first, it is the runs that must."""
    outcome = FaultOutcome(
        name="a full disk, single runs",
        what="a formula run and a run on meshes on a file system with 0 to 64 kB left, without the ledger of a study",
    )
    with timed(outcome):
        if trouble := _cannot_mount(ground.folder):
            outcome.skipped = f"no file system could be mounted here ({trouble})"
            return outcome
        for text in (files.ishigami(2), files.brackets(BRACKETS)):
            plan, slot = Plan.read(files.write(ground.folder, text)), Slot()
            job = plan.job(plan.round(1, (), ())[0], RUN_MB).file().model_dump_json()
            _perform(slot, job, ground.folder / "undisturbed")
            reference = Reference.of(ground.folder / "undisturbed")
            for amount in LEFT_RUN[:times]:
                with mounted(ground.folder / "small", 16 * MB) as disk:
                    RunStore(disk / "results").prepare()
                    _fill(disk / "ballast", amount)
                    told = _perform(slot, job, disk / "results").trouble
                    outcome.count("fillings")
                    outcome.count("completed with what was left", int(told is None))
                    outcome.expect(told in ("disk", None), f"a full disk was taken for: {told}")
                    Watch(disk / "results", reference, outcome).look()
            slot.stop()
            shutil.rmtree(ground.folder / "undisturbed")
    return outcome


def _perform(slot: Slot, job: str, results: Path) -> Ended:
    return slot.perform(Task(1, job, str(results), "", 600.0, RUN_MB))


def _filled(ground: Ground, text: str, times: int, left: tuple[int, ...], outcome: FaultOutcome) -> FaultOutcome:
    with timed(outcome):
        study, rng = files.write(ground.folder, text), random.Random(ground.seed)
        if trouble := _cannot_mount(ground.folder):
            outcome.skipped = f"no file system could be mounted here ({trouble})"
            return outcome
        reference = ground.undisturbed(study)
        amounts = [left[k % len(left)] for k in range(times)]
        while amounts:
            with mounted(ground.folder / "small", 160 * MB) as disk:
                _life(ground, study, reference, disk, amounts, rng, outcome)
    return outcome


def _life(
    ground: Ground,
    study: Path,
    reference: Reference,
    disk: Path,
    amounts: list[int],
    rng: random.Random,
    outcome: FaultOutcome,
) -> None:
    """One study from an empty disk to its end, stopped on its way by a disk that is full."""
    results, ballast = disk / "results", disk / "ballast"
    watch = Watch(results, reference, outcome)
    while amounts and len(run_folders(results)) < len(reference.files):
        left = amounts.pop(0)
        started = ground.start(study, results)
        came = _moment(results, started, rng, len(reference.files))
        while not came() and started.running():
            time.sleep(0.002)
        _fill(ballast, left)
        status = started.wait()
        said = started.said
        outcome.count("fillings")
        words = f"{left} bytes left, {len(run_folders(results))} runs"
        ground.tell(f"filling {outcome.counts['fillings']}: {words}: status {status}: {said.splitlines()[-1:]}")
        gone(started, outcome)
        watch.look()
        _told(status, said, outcome)
        _no_failures(results, outcome)
        again = ground.start(study, results)
        outcome.expect(again.wait() in (ERROR, *ENDED_WELL), "with the disk full from the start, another status")
        outcome.expect("Traceback" not in again.said, "a traceback was shown, the disk full from the start")
        if again.child.returncode == ERROR:
            outcome.count("told, full from the start", any(word in again.said for word in WORDS))
        ballast.unlink()
    completes(ground.start(study, results), outcome)
    watch.finish()
    outcome.count("studies completed")


def _moment(results: Path, started: Started, rng: random.Random, runs: int) -> Callable[[], bool]:
    """When to fill it up: as a study begins, as it computes or draws, between runs, or as it writes its record."""
    done, known = len(run_folders(results)), _owners(results)
    kind = rng.choice(("begins", "computes", "drawn", "runs", "runs"))
    many = rng.randint(1, max(runs - done, 1))
    if kind == "begins":
        return lambda: _owners(results) > known
    if kind == "computes":
        return lambda: any(results.glob(f".aside/*-{started.pid}/progress.jsonl"))
    if kind == "drawn":
        return lambda: any(results.glob(f".aside/*-{started.pid}/run.json"))
    return lambda: len(run_folders(results)) >= done + many


def _owners(results: Path) -> int:
    """How many processes run a study there, or have been killed while they did."""
    return len(list(results.glob(f"{STUDIES}/*/{OWNERS}/*")))


def _told(status: int | None, said: str, outcome: FaultOutcome) -> None:
    outcome.expect("Traceback" not in said, "a traceback was shown")
    if status in ENDED_WELL:  # what was left was enough, or all but for the report
        outcome.count("completed with what was left")
        return
    outcome.expect(status == ERROR, f"the status was {status}, not {ERROR}")
    outcome.expect(any(word in said for word in WORDS), f"the message does not say so: {said[-300:]}")


def _no_failures(results: Path, outcome: FaultOutcome) -> None:
    """A full disk is no fault of a variant: none may be given up for it."""
    for folder in study_folders(results):
        with opened(folder) as ledger:
            failed = ledger.counts().get("failed", 0)
        if failed:
            outcome.lost += failed
            outcome.breach("a variant was given up because the disk was full")


@contextmanager
def mounted(folder: Path, size: int) -> Iterator[Path]:
    """A small file system in memory."""
    folder.mkdir(parents=True, exist_ok=True)
    options = f"size={size}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True, capture_output=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)


def _cannot_mount(folder: Path) -> str:
    """Why not; empty if it can be done."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return "that takes the rights of root"
    try:
        with mounted(folder / "probe", MB):
            return ""
    except subprocess.CalledProcessError as error:
        return str(error.stderr.decode(errors="replace")).strip() or "mount failed"


def _fill(ballast: Path, left: int) -> None:
    """Take all the room but for so many bytes."""
    with ballast.open("wb") as file:
        # Others take some too at the same time: what cannot be had in one piece is taken in smaller ones.
        size, piece = 0, 64 * MB
        while piece >= 4096:
            free = shutil.disk_usage(ballast.parent).free - left
            if free < 4096:
                return
            try:
                os.posix_fallocate(file.fileno(), size, min(piece, free))
                size += min(piece, free)
            except OSError:
                piece //= 2
