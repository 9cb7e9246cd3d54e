"""Made-up results folders for the tests of the gallery: records, pictures and what goes wrong with them."""

from __future__ import annotations

from pathlib import Path

import study_folders
from PIL import Image, ImageDraw
from run_folders import _plate_record, _stem_record

from reports.compare.record import ComparedRun, ComparisonRecord
from studies.record import BY_USER, ParameterValue, Regions, RunRecord

ATTACK = "</script><script>document.title = 'attacked'</script><img src=x onerror=\"document.title='attacked'\">"
NOWHERE = Regions(volumes={}, surfaces={})


def run(results: Path, key: str, neck: float = 12.4, peak: float = 429.5, hour: int = 3, plate: bool = False) -> Path:
    """A run with its record, a picture and a report."""
    record: RunRecord = _plate_record(NOWHERE) if plate else _stem_record(NOWHERE)
    parameters = record.parameters
    if neck != 12.4:
        parameters = parameters | {"neck_diameter": ParameterValue(value=neck, unit="mm", source=BY_USER)}
    first, *others = record.quantities
    started = f"2026-01-02T{hour:02d}:04:05+00:00"
    folder = results / record.device / record.protocol / key
    folder.mkdir(parents=True)
    record.model_copy(
        update={
            "key": key,
            "parameters": parameters,
            "quantities": [first.model_copy(update={"value": peak}), *others],
            "verdict": "fail" if peak > 795 else record.verdict,
            "provenance": record.provenance.model_copy(update={"started": started}),
        }
    ).write(folder)
    picture(folder / "von_mises.png")
    (folder / "report.html").write_text("<!doctype html><title>report</title>")
    return folder


def picture(path: Path, size: tuple[int, int] = (600, 450)) -> None:
    """A part with a line of text over it."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    draw.text((20, 20), "von Mises stress")
    draw.rectangle((200, 150, 399, 349), fill="#ffffcc")
    image.save(path)


def study(results: Path, title: str = "Femoral stem in bending", question: str = "") -> Path:
    """A study without a picture."""
    record = study_folders.grid().model_copy(update={"title": title, "question": question})
    folder = results / "studies" / record.key
    folder.mkdir(parents=True)
    record.write(folder)
    (folder / "report.html").write_text("")
    return folder


def comparison(results: Path, name: str = "neck diameter 14 mm") -> Path:
    folder = results / "comparisons" / "hip_stem-2-0123456789ab"
    folder.mkdir(parents=True)
    ComparisonRecord(
        device="hip_stem",
        device_description="Cementless femoral stem",
        protocol="hip_bending",
        protocol_description="Endurance loading",
        runs=[ComparedRun(letter="A", key="one", name="as drawn"), ComparedRun(letter="B", key="two", name=name)],
        sentences=["Peak von Mises stress of B is smaller than that of A by 31.2 ± 2.1 %."],
        made="2026-01-03T03:04:05+00:00",
    ).write(folder)
    (folder / "report.html").write_text("")
    return folder


def results(folder: Path) -> Path:
    """Three stems, a plate, a study and a comparison."""
    run(folder, "default-1")
    run(folder, "neck_diameter-14-2", neck=14.0, peak=301.0, hour=5)
    run(folder, "neck_diameter-10-3", neck=10.0, peak=801.0, hour=4)
    run(folder, "default-4", plate=True, hour=6)
    study(folder)
    comparison(folder)
    return folder
