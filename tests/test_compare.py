"""Comparison of runs: what is claimed, and what is not."""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from html_page import Page
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from run_folders import plate_folder

from reports.compare.comparison import QuantityRow, _criterion
from reports.compare.difference import difference
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
    sizes = {Image.open(folder / name).size for name in pictures}
    assert len(sizes) == 1  # one camera, one canvas


@pytest.mark.parametrize(
    ("runs", "said"),
    [(["one"], "1 runs: give 2 to 6"), (["one", "one"], "given twice"), (["one", "absent"], "is not a run folder")],
)
def test_what_cannot_be_compared(pair, tmp_path, runs, said):
    folders = [pair[0].parent / name for name in runs]
    command = [sys.executable, "-m", "benchtwin", "compare", *folders, "--results", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr
