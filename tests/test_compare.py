"""Comparison of runs: what is claimed, and what is not."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from html_page import Page
from hypothesis import given
from hypothesis import strategies as st
from pictures import alike
from PIL import Image
from run_folders import plate_folder, pores_folder
from study_folders import STUDIES, grid, study_folder

from benchtwin.comparing import compare_folders
from reports.compare.comparison import QuantityRow, _criterion
from reports.compare.difference import difference
from reports.compare.request import Request
from reports.compare.stills import Alike, draw_beside
from reports.draw_pores import top_of
from reports.scenery import Scenery
from reports.study.picks import PickError, picked, picks
from studies.findings.study_record import StudyRecord
from studies.record import Quantity, RunRecord

ROOT = Path(__file__).parents[1]


def quantity(value, uncertainty=1.0, status="converged", kind=None):
    limit = None if kind is None else 1.0
    return Quantity(
        name="q",
        description="",
        value=value,
        unit="MPa",
        uncertainty=uncertainty,
        status=status,
        limit=limit,
        limit_kind=kind,
    )


def test_a_difference_is_real_only_beyond_both_error_bars():
    found = difference(quantity(107.1, 0.6), quantity(100.0, 0.6))
    assert found.claim == "larger" and found.percent == pytest.approx(7.1)
    assert found.uncertainty == pytest.approx(0.6 * math.sqrt(2))
    assert difference(quantity(100.5, 0.6), quantity(100.0, 0.6)).claim == "none"
    assert difference(quantity(99.0, 0.6), quantity(100.0, 0.6)).claim == "smaller"


def test_percent_counts_both_error_bars():
    rng = np.random.default_rng(1)
    one, other = rng.normal(120, 3 / 1.96, 200_000), rng.normal(100, 2 / 1.96, 200_000)
    found = difference(quantity(120, 3), quantity(100, 2))
    assert 1.96 * np.std(100 * (one / other - 1)) == pytest.approx(found.percent_uncertainty, rel=0.02)


@pytest.mark.parametrize("bad", [quantity(1.0, None), quantity(1.0, None, "singular"), quantity(5.0, 0.1, "singular")])
def test_what_is_not_known_is_not_compared(bad):
    assert difference(bad, quantity(1.0)).claim == difference(quantity(1.0), bad).claim == "unknown"


def test_no_percentage_of_what_may_be_zero():
    assert difference(quantity(5.0), quantity(0.5, 1.0)).percent is None


@given(*(st.floats(-1e6, 1e6) for _ in range(2)), *(st.floats(1e-6, 1e3) for _ in range(2)))
def test_the_other_way_round_it_is_the_other_claim(a, b, u, v):
    there, back = difference(quantity(a, u), quantity(b, v)), difference(quantity(b, v), quantity(a, u))
    assert {"larger": "smaller", "smaller": "larger", "none": "none"}[there.claim] == back.claim


def row(*values):
    return QuantityRow("q", "MPa", "", values, [difference(v, values[0]) for v in values[1:]])


def test_who_wins_a_criterion():
    found = _criterion(row(*(quantity(v, 0.1, kind="minimum") for v in (2.0, 2.5, 2.45))))
    assert (found.best, found.tied, found.unknown) == ("B", "C", "")
    found = _criterion(row(quantity(2.0, 0.1, kind="maximum"), quantity(2.5, None, "singular", "maximum")))
    assert (found.best, found.tied, found.unknown) == ("A", "", "B")


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Two made-up plates: the second is stiffer, its peak is not known."""
    folder = tmp_path_factory.mktemp("plates")
    one, two = folder / "one", folder / "two"
    plate_folder(one)
    shutil.copytree(one, two)
    record = RunRecord.read(two)
    changed = [
        q.model_copy(update={"value": 1.1 * q.value})
        if q.status != "singular" and not q.name.startswith("peak_")
        else q.model_copy(update={"status": "singular", "uncertainty": None})
        for q in record.quantities
    ]
    name = next(iter(record.parameters))
    other = record.parameters[name].model_copy(update={"value": 1.5, "description": "<script>alert(1)</script>"})
    record.model_copy(
        update={
            "quantities": changed,
            "key": "<script>alert(2)</script>",
            "parameters": record.parameters | {name: other},
        }
    ).write(two)
    return one, two


@pytest.fixture(scope="module")
def written(pair, tmp_path_factory):
    results = tmp_path_factory.mktemp("results")
    command = [sys.executable, "-m", "benchtwin", "compare", *pair, "--results", results]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=300)
    assert done.returncode == 0, done.stderr
    folder = ROOT / done.stdout.strip().splitlines()[-1]
    return done, folder, Page((folder / "report.html").read_text())


def test_the_page_says_what_is_real(pair, written):
    done, folder, page = written
    first = RunRecord.read(pair[0])
    known = [q for q in first.quantities if q.status != "singular" and not q.name.startswith("peak_")]
    assert known and any("larger than that of A by 10" in line for line in done.stderr.splitlines())
    text = (folder / "report.html").read_text()
    assert "What can be claimed" in page.text and "not to be compared" in page.text
    assert "<script>alert" not in text
    gallery = (folder.parents[1] / "index.html").read_text()
    assert "2 variants compared" in gallery and "<script>alert" not in gallery


def test_pictures_stand_side_by_side(pair, written):
    _, folder, _ = written
    pictures = sorted(path.name for path in folder.glob("*.png"))
    assert pictures == sorted(
        ["outlines.png", *(f"{letter}_{field}.png" for letter in "AB" for field in ("von_mises", "first_principal"))]
    )
    sizes = {Image.open(folder / name).size for name in pictures if name != "outlines.png"}
    assert len(sizes) == 1  # one camera, one canvas


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        (["one"], "1 run: give 2 to 6"),
        (["one", "one"], "given twice"),
        (["one", "absent"], "is not a run folder"),
        (["one", "two", "--pick", "1", "2"], "--pick chooses variants of a study"),
    ],
)
def test_what_cannot_be_compared(pair, tmp_path, capsys, runs, said):
    folders, _, picks = " ".join(runs).partition(" --pick ")
    assert refused([pair[0].parent / name for name in folders.split()], picks.split(), tmp_path, capsys, said)


def refused(folders, words, results, capsys, said):
    """Whether the command ends with 2, says why, and writes nothing."""
    status, written = compare_folders(folders, words, results), capsys.readouterr()
    assert said in written.err and not written.out
    return status == 2 and not list(results.glob("comparisons/*"))


# --- of a study ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def study(pair, tmp_path_factory):
    """A grid of 16 variants, of which 1 and 3 have runs, without pictures; number 4 is impossible."""
    results = tmp_path_factory.mktemp("study") / "results"
    folder = study_folder(results / "studies" / "grid-1", grid())
    for number, of in ((1, pair[0]), (3, pair[1])):
        run = folder / grid_variant(folder, number).folder
        run.mkdir(parents=True)
        RunRecord.read(of).model_copy(update={"physics": "formula"}).write(run)
    return folder


def test_variants_of_a_study_are_compared_and_its_page_leads_there(study):
    command = [sys.executable, "-m", "benchtwin", "compare", study, "--pick", "3", "neck 11 mm, offset 34 mm"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=600)
    assert done.returncode == 0, done.stderr
    folder = Path(done.stdout.strip().splitlines()[-1])
    assert folder.parent == study.parents[1] / "comparisons"
    assert "3: neck 11 mm, offset 43 mm" in done.stderr
    page = Page((folder / "report.html").read_text())
    assert "Variants chosen by hand of the study Femoral stem in bending" in page.text
    assert "neck 11 mm, offset 34 mm:" in page.text
    addresses = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert os.path.relpath(study / "report.html", folder) in addresses
    links = [attributes["href"] for tag, attributes in Page((study / "report.html").read_text()).tags if tag == "a"]
    assert f"../../comparisons/{folder.name}/report.html" in links
    assert Request.read(folder).folders(folder)[0].resolve() == (study / grid_variant(study, 3).folder).resolve()


def grid_variant(study, number):
    return next(v for v in StudyRecord.read(study).variants if v.number == number)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["1", "99"], "no variant '99'"),
        (["1"], "1 picked: pick 2 to 6"),
        (["1", "1"], "picked twice"),
        (["1", "4"], "no run to compare: it is impossible: the neck is thinner"),
        (["1", "2"], "is not a run folder"),
    ],
)
def test_what_of_a_study_cannot_be_compared(study, tmp_path, capsys, words, said):
    assert refused([study], words, tmp_path, capsys, said)


def test_a_study_and_a_run_are_not_mixed(study, pair, tmp_path, capsys):
    assert refused([study, pair[0]], [], tmp_path, capsys, "give one study, or 2 to 6 runs, not both")
    assert refused([pair[0], study], ["1", "3"], tmp_path, capsys, "give one study, or 2 to 6 runs, not both")


def numbers(record):
    return [pick.variant.number for pick in picks(record)[0]]


@pytest.mark.parametrize("made", list(STUDIES))
def test_picks_have_runs_and_reasons(made):
    record = STUDIES[made]()
    chosen, left = picks(record)
    assert len(chosen) <= 6 and left >= 0 and (len(chosen) == 6 or not left)
    assert len({pick.variant.number for pick in chosen}) == len(chosen)
    assert all(pick.why and pick.variant.folder and pick.variant.values for pick in chosen)
    assert (len(chosen) >= 2) == (made != "nothing_finished")


def test_picks_are_what_the_findings_name():
    family = STUDIES["size_family"]()
    ranking = family.findings[0]
    assert numbers(family) == [row.variant for row in ranking.rows[:4]]  # those to be considered, and the next
    assert picks(family)[0][0].why == "worst in peak von Mises stress with probability 0.71"
    front = STUDIES["optimisation"]()
    best = front.findings[0]
    values = {v.number: v.values for v in front.variants}
    ends = [min(best.front, key=lambda n: values[n][o.quantity].value) for o in best.objectives]
    assert numbers(front)[:2] == ends and set(numbers(front)) <= {*best.front, *best.tied}
    assert "knee of the front" in "; ".join(p.why for p in picks(front)[0])
    alone = STUDIES["single_objective"]()
    assert numbers(alone)[0] == alone.findings[0].front[0] and set(numbers(alone)[1:]) <= set(alone.findings[0].tied)
    bars = STUDIES["one_at_a_time"]()
    assert numbers(bars)[0] == 1
    grids = picks(STUDIES["grid"]())[0]
    stress = {v.number: v.values["peak_von_mises_stress"].value for v in STUDIES["grid"]().variants if v.values}
    assert grids[0].variant.number == min(stress, key=stress.get)
    assert grids[0].why.startswith("best in peak von Mises stress: farthest below its limit")


def test_labels_and_numbers_are_not_mixed_up():
    family = STUDIES["size_family"]()
    assert [p.variant.number for p in picked(family, ["size 2", "size 3 (adduction high)"])] == [4, 9]
    renamed = [v.model_copy(update={"label": str(9 - v.number)}) if v.number < 3 else v for v in family.variants]
    family = family.model_copy(update={"variants": renamed})
    with pytest.raises(PickError, match=r"'8' is the number of one variant .* give number:8 or label:8"):
        picked(family, ["8", "9"])
    assert [p.variant.number for p in picked(family, ["number:8", "label:8"])] == [8, 1]


@pytest.mark.parametrize("name", ["A_von_mises", "B_first_principal", "outlines"])
def test_pictures_look_as_they_should(written, name):
    _, folder, _ = written
    alike(Image.open(folder / f"{name}.png"), f"compare_{name}", 0.35)


def test_flows_through_pores_stand_side_by_side(tmp_path):
    sceneries = [
        Scenery.read(folder, RunRecord.read(folder), 0.3)
        for folder in (pores_folder(tmp_path / "one"), pores_folder(tmp_path / "two", radius=0.4))
    ]
    rows = draw_beside(tmp_path, Alike("AB", sceneries, 0.3))
    assert [row.title for row in rows] == ["Speed along streamlines", "Speed on a section"]
    for row in rows:
        assert row.top == max(top_of(scenery) for scenery in sceneries) and row.unit == "mm/s"
        one, two = (np.asarray(Image.open(tmp_path / picture.file).convert("RGB"), float) for picture in row.pictures)
        assert one.shape == two.shape and np.abs(one - two).mean() > 1.0
