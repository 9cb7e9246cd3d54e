"""`benchtwin export`."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from benchtwin.saying import fail, shown
from benchtwin.status import DONE, ERROR, WRONG_INPUT
from reports.plots import convergence
from studies.export import run_deck, sheets
from studies.export.hdf import write_hdf
from studies.export.rebuild import CannotRebuild, rebuild
from studies.export.run_mesh import NoMesh, RunMesh
from studies.export.workbook import write_csv, write_workbook
from studies.findings.study_record import StudyRecord
from studies.record import RunRecord

Form = Literal["inp", "vtkhdf", "xlsx", "csv", "svg"]
FORMS: tuple[Form, ...] = ("inp", "vtkhdf", "xlsx", "csv", "svg")
OF_A_FORMULA: tuple[Form, ...] = ("xlsx", "csv")
OF_A_STUDY: tuple[Form, ...] = ("xlsx",)  # its CSV and its plots stand in its folder
DECK, BARE_MESH = "run.inp", "mesh.inp"


@dataclass(frozen=True)
class Sources:
    """A run to be exported, and where its device and its test are."""

    folder: Path
    record: RunRecord
    device: str | None
    protocol: str | None


def export(
    folder: Path, to: Form | Literal["all"], output: Path | None, device: str | None, protocol: str | None
) -> int:
    """Write files for other programs and print their paths. Returns the exit status."""
    target = output or folder / "export"
    try:
        if (folder / "study.json").is_file():
            forms, sources = OF_A_STUDY, None
        elif (folder / "run.json").is_file():
            sources = Sources(folder, RunRecord.read(folder), device, protocol)
            forms = OF_A_FORMULA if sources.record.physics == "formula" else FORMS
        else:
            return fail(f"{folder} is neither a run nor a study: it has no run.json and no study.json", WRONG_INPUT)
        if to != "all" and to not in forms:
            return fail(f"{folder} cannot be exported to {to}, only to {', '.join(forms)}", WRONG_INPUT)
        target.mkdir(parents=True, exist_ok=True)
        # What fails half-way leaves nothing, and nothing is ever half there.
        with tempfile.TemporaryDirectory(dir=target, prefix=".aside-") as aside:
            chosen = forms if to == "all" else (to,)
            trouble = _export_run(sources, chosen, Path(aside)) if sources else _export_study(folder, Path(aside))
            for path in sorted(path for path in Path(aside).rglob("*") if path.is_file()):
                place = target / path.relative_to(aside)
                place.parent.mkdir(exist_ok=True)
                print(shown(path.replace(place)))
    except ValidationError as error:
        return fail(f"the record of {folder} cannot be read: {error}", WRONG_INPUT)
    except (NoMesh, OSError) as error:
        return fail(str(error), ERROR)
    return fail(trouble, ERROR) if trouble else DONE


def _export_study(folder: Path, target: Path) -> str:
    write_workbook(target / "study.xlsx", sheets.of_study(StudyRecord.read(folder), folder))
    return ""


def _export_run(sources: Sources, forms: tuple[Form, ...], target: Path) -> str:
    """Write the files; returns what is missing in them, in words."""
    folder, record = sources.folder, sources.record
    if "vtkhdf" in forms:
        write_hdf(target / "fields.vtkhdf", folder, record.regions)
    if "xlsx" in forms:
        write_workbook(target / "run.xlsx", sheets.of_run(record))
    if "csv" in forms:
        (target / "tables").mkdir()
        for sheet in sheets.of_run(record):
            write_csv(target / "tables" / f"{sheet.name}.csv", sheet)
    if "svg" in forms:
        (target / "convergence").mkdir()
        for quantity in record.quantities:
            if plot := convergence(quantity, record.levels):
                (target / "convergence" / f"{quantity.name}.svg").write_text(plot, encoding="utf-8")
    return _export_deck(sources, target) if "inp" in forms else ""


def _export_deck(sources: Sources, target: Path) -> str:
    """A deck that can be solved, or else mesh and sets under another name; returns why, if that is a failure."""
    folder, record = sources.folder, sources.record
    mesh = RunMesh.read(folder, record.regions)
    if record.physics != "solid":
        reason = "a run of a fluid has no loads and supports that a solver for solids could be given"
        run_deck.write(target / BARE_MESH, record, mesh, None, reason)
        print(f"note: {BARE_MESH} holds mesh and sets only: {reason}", file=sys.stderr)
        return ""
    try:
        device, protocol = sources.device or record.device, sources.protocol or record.protocol
        run_deck.write(target / DECK, record, mesh, rebuild(folder, record, mesh, device, protocol))
    except CannotRebuild as error:
        run_deck.write(target / BARE_MESH, record, mesh, None, str(error))
        named = sources.device or sources.protocol
        hint = "" if named else "\nfiles of your own are named with --device and --protocol"
        return f"{BARE_MESH} holds mesh and sets only, without loads: {error}{hint}"
    return ""
