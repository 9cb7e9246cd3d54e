"""Study files: what they make, and what is said of wrong ones."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studies.plan.lines import line_of
from studies.plan.plan import Plan, first_round
from studies.plan.study_file import StudyError

EXAMPLES = sorted((Path(__file__).parents[1] / "studies" / "examples").glob("*.toml"))
FUNCTION = Path(__file__).with_name("ishigami.py")


def plan(tmp_path, text):
    path = tmp_path / "study.toml"
    path.write_text(text)
    return Plan.read(path)


def head(kind, *more):
    return "\n".join(["[study]", 'name = "s"', f'kind = "{kind}"', 'device = "hip_stem"', *more, "", ""])


SIZE = '[[variant]]\nlabel = "S"\n[[criterion]]\nquantity = "mass"\nworst = "maximum"\n'


def refused(tmp_path, text, *parts):
    with pytest.raises(StudyError) as error:
        plan(tmp_path, text)
    for part in parts:
        assert part in str(error.value), str(error.value)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_ready_studies_can_be_run(path):
    found = Plan.read(path)
    points = found.round(1, [], [])
    assert 5 <= len(points) <= found.count() <= 100
    for point in points:
        found.job(point, 4000.0)


def test_there_is_a_ready_study_of_each_kind_that_is_promised():
    kinds = {Plan.read(path).file.study.kind for path in EXAMPLES}
    assert kinds >= {"size_family", "grid", "one_at_a_time", "optimisation", "uncertainty"}
    devices = {Plan.read(path).bench.device.name for path in EXAMPLES}
    assert devices >= {"hip_stem", "bone_plate", "cannula"}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["is empty"]),
        ("[study\n", ["study.toml", "line 1"]),
        (head("grid", "runz = 3"), ["line 5", "unknown key 'study.runz'", "runs"]),
        (head("grid") + "[vari]\nx = 1\n", ["line 6", "unknown key 'vari'", "vary"]),
        (head("gird"), ["line 3", "study.kind = 'gird'", "'grid'"]),
        (head("grid").replace("hip_stem", "hip_stam"), ["line 4", "no device named 'hip_stam'", "hip_stem"]),
        (head("grid", 'protocol = "isso"'), ["no protocol named 'isso'"]),
        (head("grid"), ["line 3", "needs inputs in [vary]"]),
        (head("grid") + '[vary]\nneck_diamter = ["12 mm"]\n', ["line 7", "neck_diamter", "neck_diameter"]),
        (head("grid") + '[vary]\nneck_diameter = ["12 kg"]\n', ["line 7", "12 kg", "a mass", "a length"]),
        (head("grid") + '[vary]\nneck_diameter = ["12 mm", "40 mm"]\n', ["line 7", "40 mm", "9 to 13.5 mm"]),
        (head("grid") + '[vary]\nneck_diameter = ["12 mm", "1.2 cm"]\n', ["line 7", "the same value twice"]),
        (
            head("grid") + '[vary]\nneck_diameter = {low = "13 mm", high = "12 mm", steps = 3}\n',
            ["line 7", "low = 13 is not below high = 12"],
        ),
        (head("grid") + '[vary]\nneck_diameter = {low = "12 mm", high = "13 mm"}\n', ["with steps"]),
        (head("grid") + '[vary]\nneck_diameter = {low = "12 mm"}\n', ["line 7", "low and high"]),
        (head("grid") + "[vary]\nneck_diameter = {low = 12, hihg = 13}\n", ["line 7", "hihg"]),
        (head("grid") + "[vary]\nneck_diameter = []\n", ["line 7", "no values"]),
        (head("latin_hypercube") + "[vary]\nneck_diameter = {low = 12, high = 13}\n", ["study.runs is missing"]),
        (head("sobol_indices", "samples = 6") + "[vary]\nforce = {low = 2000, high = 2400}\n", ["power of two"]),
        (head("uncertainty", "runs = 9") + "[vary]\nforce = {low = 2000, high = 2400}\n", ["force", "no distribution"]),
        (head("optimisation", "runs = 9") + "[vary]\nforce = {low = 2000, high = 2400}\n", ["[[objective]]"]),
        (head("size_family") + '[[variant]]\nlabel = "S"\nneck_diameter = 12\n', ["[[criterion]]"]),
        (head("size_family"), ["needs variants"]),
        (
            head("list") + "[[variant]]\nneck_diameter = 12\n[[variant]]\nneck_diamete = 12\n",
            ["line 9", "neck_diamete"],
        ),
        (head("list") + '[[variant]]\nlabel = "a"\n[[variant]]\nlabel = "a"\n', ["same label"]),
        ('table = "absent.csv"\n' + head("list"), ["line 1", "absent.csv cannot be read"]),
        (head("grid") + "[fixed]\nforce = 2300\n[vary]\nforce = [2200, 2300]\n", ["line 9", "fixed and varied"]),
        (
            head("list") + "[vary]\nforce = [1]\n[[variant]]\nforce = 2000\n",
            ["line 6", "says nothing to a study of kind list"],
        ),
        (head("grid").replace('"s"', '"../../s"'), ["line 2", "names a folder"]),
        (head("grid").replace('"s"', '"a/b"'), ["line 2", "names a folder"]),
        (head("grid", "accuracy = nan"), ["line 5", "accuracy"]),
        (head("grid", "accuracy = 2"), ["line 5", "accuracy"]),
        (head("grid") + '[vary]\n"material.young" = ["100 GPa"]\n', ["line 7", "no constant 'young'", "young_modulus"]),
        (head("grid") + "[vary]\nforce = {mean = 2300, deviation = -3}\n", ["line 7", "must be positive"]),
        (
            head("grid") + '[vary]\nforce = {mean = 2300, deviation = 3, distribution = "uniform"}\n',
            ["line 7", "uniform"],
        ),
        (head("grid") + "[vary]\nneck_diameter = [12]\n", ["line 7", "one value only"]),
        (head("grid") + '[vary]\n"material.young_modulus" = ["-5 GPa", "5 GPa"]\n', ["line 7", "must be positive"]),
        (head("grid") + '[vary]\n"material.poisson_ratio" = [0.3, 0.6]\n', ["line 7", "0.6 is out of range"]),
        (
            head("grid") + '[vary]\n"material.poisson_ratio" = [0.3, 0.5]\n',
            ["line 7", "0.5 is out of range: -1 to 0.5, both excluded"],
        ),
        (
            head("one_at_a_time") + '[vary]\n"material.poisson_ratio" = { low = -1, high = 0.3 }\n',
            ["line 7", "-1 is out of range: -1 to 0.5, both excluded"],
        ),
        (head("grid", "runs = 9") + "[vary]\nforce = [2000, 2100]\n", ["line 5", "study.runs says nothing"]),
        (head("grid", "batch = 9") + "[vary]\nforce = [2000, 2100]\n", ["line 5", "study.batch says nothing"]),
        (
            head("latin_hypercube", "runs = 4") + "[vary]\nforce = {low = 2000, high = 2100, steps = 3}\n",
            ["steps of force say nothing"],
        ),
        (
            head("size_family") + SIZE + '[scatter]\nforce = {low = 2000, high = 2100, distribution = "uniform"}\n',
            ["line 12", "force must scatter normally"],
        ),
        (
            head("size_family")
            + SIZE
            + '[scatter]\nforce = {mean = 2000, deviation = 9, distribution = "lognormal"}\n',
            ["force must scatter normally"],
        ),
        (
            head("one_at_a_time") + '[vary]\nneck_diameter = {low = "11 mm", high = "12 mm"}\n',
            ["line 7", "neck_diameter = 12.5 mm where the others vary", "[fixed]"],
        ),
        (
            head("one_at_a_time")
            + "[vary]\nforce = {low = 2000, high = 2400}\n[[published]]\nquantity = 'mass'\ninputs = ['forc']\n"
            + "low_percent = 1\nhigh_percent = 2\nsource = 's'\n",
            ["line 10", "forc is no input"],
        ),
        (
            head("sobol_indices", "samples = 4") + '[vary]\nmaterial = ["peek", "ti6al4v_eli"]\n',
            ["line 8", "material is a word"],
        ),
        (
            head("optimisation", "runs = 9")
            + '[vary]\nmaterial = ["peek", "ti6al4v_eli"]\n[[objective]]\nquantity = "mass"\nsense = "minimise"\n',
            ["line 8", "material is a word"],
        ),
    ],
)
def test_a_wrong_file_is_told_with_its_line(tmp_path, text, parts):
    refused(tmp_path, text, *parts)


def test_the_command_says_it_and_ends_with_2(tmp_path):
    path = tmp_path / "s.toml"
    path.write_text(head("grid") + '[vary]\nneck_diameter = ["12 kg"]\n')
    done = command(path, tmp_path)
    assert done.returncode == 2 and "s.toml, line 7" in done.stderr and "Traceback" not in done.stderr


def command(path, tmp_path, *more):
    words = [sys.executable, "-m", "benchtwin", "study", path, "--results", tmp_path / "results", *more]
    return subprocess.run(words, capture_output=True, text=True, check=False, cwd=FUNCTION.parents[1])


def test_a_grid_of_ten_million_is_asked_about(tmp_path):
    path = tmp_path / "s.toml"
    axes = "\n".join(f"{x} = {{low = -3, high = 3, steps = 216}}" for x in ("x1", "x2", "x3"))
    path.write_text(
        f'[study]\nname = "big"\nkind = "grid"\ndevice = "{FUNCTION}"\nprotocol = "{FUNCTION}"\n[vary]\n{axes}\n'
    )
    done = command(path, tmp_path)
    assert done.returncode == 2 and "10,077,696 variants" in done.stderr
    path.write_text(path.read_text().replace("216", "12"))
    done = command(path, tmp_path)
    assert done.returncode == 2 and "1,728 variants" in done.stderr and "--yes" in done.stderr
    assert not (tmp_path / "results").exists()


def test_grid_is_the_product(tmp_path):
    text = head("grid") + '[vary]\nneck_diameter = {low = "12 mm", high = "13 mm", steps = 3}\nforce = ["2 kN", 2300]\n'
    found = [point.settings for point in plan(tmp_path, text).round(1, [], [])]
    assert found == [{"neck_diameter": n, "force": f} for n in (12.0, 12.5, 13.0) for f in (2000.0, 2300.0)]


def test_one_at_a_time_leaves_the_others_where_they_are(tmp_path):
    text = head("one_at_a_time") + (
        '[fixed]\nneck_diameter = "12 mm"\n[vary]\nadduction = {mean = "10 deg", deviation = "0.5 deg"}\n'
        'neck_offset = {low = "40 mm", high = "44 mm"}\n'
        '"material.young_modulus" = {low = "110 GPa", high = "116 GPa"}\n'
    )
    study = plan(tmp_path, text)
    points = study.round(1, [], [])
    nominal = {"adduction": 10.0, "neck_offset": 42.0, "material.young_modulus": 114.0}
    assert [p.role for p in points][:3] == ["nominal", "adduction low", "adduction high"]
    assert points[0].settings == nominal
    assert points[1].settings["adduction"] == pytest.approx(10 - 1.959964 * 0.5)
    for point in points[1:]:
        assert sum(point.settings[name] != nominal[name] for name in nominal) == 1
    made = study.job(points[5], 4000.0)
    assert made.cards()["stem"].value("young_modulus") == 110_000.0
    assert made.specimen.neck_diameter == 12.0
    assert len({study.job(p, 4000.0).key() for p in points}) == 7


def test_sizes_scatter_at_the_nodes_of_quadrature(tmp_path):
    (tmp_path / "sizes.csv").write_text("size, neck_diameter [cm], neck_offset\nS, 1.2, 40\nL, 1.3, 44 mm\n")
    text = (
        'table = "sizes.csv"\n'
        + head("size_family")
        + (
            '[scatter]\nadduction = {mean = "10 deg", deviation = "0.5 deg"}\n'
            '[[criterion]]\nquantity = "peak_von_mises_stress"\nworst = "maximum"\n'
        )
    )
    points = plan(tmp_path, text).round(1, [], [])
    assert [(p.label, p.role) for p in points] == [
        (size, role) for size in ("S", "L") for role in ("nominal", "adduction low", "adduction high")
    ]
    assert points[0].settings == {"neck_diameter": 12.0, "neck_offset": 40.0, "adduction": 10.0}
    assert points[5].settings["adduction"] == pytest.approx(10 + math.sqrt(3) * 0.5)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("size, neck_diameter\nS, 12 kg\n", "line 2: neck_diameter: '12 kg' is a mass"),
        ("# sizes\n\nsize, neck_diameter [mm]\nS #1, \n", "line 4: neck_diameter is missing"),
        ("size, neck_diameter [mm\nS, 12\n", "is no header"),
        ("size, neck_diameter, neck_diameter [mm]\nS, 12, 12\n", "twice"),
        ("size\n", "no variants"),
        ("", "is no table"),
        ("size, neck_diameter\nS, 12, 5\n", "line 2: 3 cells under 2 headers"),
    ],
)
def test_wrong_tables(tmp_path, content, said):
    (tmp_path / "t.csv").write_text(content)
    refused(tmp_path, 'table = "t.csv"\n' + head("list"), "t.csv", said)


def test_a_spreadsheet_is_read_like_a_text(tmp_path):
    import pandas as pd

    pd.DataFrame({"Size": ["S", "L"], "neck_diameter [mm]": [12, 13]}).to_excel(tmp_path / "t.xlsx", index=False)
    points = plan(tmp_path, 'table = "t.xlsx"\n' + head("list")).round(1, [], [])
    assert [(p.label, p.settings) for p in points] == [("S", {"neck_diameter": 12.0}), ("L", {"neck_diameter": 13.0})]


@settings(max_examples=25, deadline=None)
@given(runs=st.integers(2, 40), seed=st.integers(0, 10**6), kind=st.sampled_from(["latin_hypercube", "sobol_sequence"]))
def test_samples_keep_to_their_ranges_and_to_their_seed(tmp_path_factory, runs, seed, kind):
    folder = tmp_path_factory.mktemp("s")
    text = head(kind, f"runs = {runs}", f"seed = {seed}") + (
        '[vary]\nneck_diameter = {low = "12 mm", high = "13 mm"}\nforce = {mean = 2300, deviation = 40}\n'
    )
    study = plan(folder, text)
    points = study.round(1, [], [])
    assert len(points) == runs and [p.settings for p in points] == [p.settings for p in study.round(1, [], [])]
    necks = np.array([p.settings["neck_diameter"] for p in points])
    assert (necks >= 12).all() and (necks <= 13).all()
    if kind == "latin_hypercube":
        assert sorted((runs * (necks - 12)).astype(int)) == list(range(runs))


def test_distributions_have_their_moments(tmp_path):
    text = head("uncertainty", "runs = 4000") + (
        "[vary]\nforce = {mean = 2300, deviation = 40}\n"
        'neck_offset = {mean = 42, deviation = 1, distribution = "lognormal"}\n'
    )
    points = plan(tmp_path, text).round(1, [], [])
    for name, mean, deviation in (("force", 2300, 40), ("neck_offset", 42, 1)):
        values = [p.settings[name] for p in points]
        assert np.mean(values) == pytest.approx(mean, rel=1e-3)
        assert np.std(values) == pytest.approx(deviation, rel=0.02)


def test_the_key_follows_what_matters_only(tmp_path):
    text = head("grid") + "[vary]\nneck_diameter = [12, 13]\n"
    key = plan(tmp_path, text).key
    same = text.replace("[vary]", "# remark\n[vary]").replace('name = "s"', 'name = "s"\ntitle = "T"\nminutes = 5.0')
    assert plan(tmp_path, same).key == key
    for other in (text.replace("13", "12.5"), text.replace("[vary]", "[fixed]\nneck_offset = 44\n[vary]")):
        assert plan(tmp_path, other).key != key


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=6, unique=True), st.data())
def test_lines_are_found(names, data):
    text = "\n".join(line for name in names for line in (f"[{name}]", "# x = 0", f"  {name}x = 1 # y", ""))
    wanted = data.draw(st.sampled_from(names))
    number = line_of(text, (wanted, f"{wanted}x"))
    assert text.splitlines()[number - 1].startswith(f"  {wanted}x")
    assert text.splitlines()[line_of(text, (wanted, "absent")) - 1] == f"[{wanted}]"
    assert line_of(text, ("absent",)) is None


def test_files_that_a_word_names_stand_beside_the_study(tmp_path):
    card = (
        "[mine]\ntitle = 'x'\nspecification = '-'\ntemperature_degC = 20.0\n"
        "young_modulus = { value = 200, unit = 'GPa', source = 's', verified = false }\n"
        "poisson_ratio = { value = 0.3, unit = '', source = 's', verified = false }\n"
        "density = { value = 8, unit = 'g/cm^3', source = 's', verified = false }\n"
    )
    (tmp_path / "cards.toml").write_text(card)
    text = head("grid") + '[fixed]\nmaterial = "cards.toml:mine"\n[vary]\nforce = [2000, 2100]\n'
    study = plan(tmp_path, text)
    key, (first, _) = study.key, study.round(1, [], [])
    assert study.job(first, 4000.0).cards()["stem"].value("young_modulus") == 200_000.0
    (tmp_path / "cards.toml").write_text(card.replace("200", "100"))
    assert plan(tmp_path, text).key != key


def test_other_order_of_the_inputs_is_another_study(tmp_path):
    lines = ["force = {low = 2000, high = 2100}", "neck_diameter = {low = 12, high = 13}"]
    keys = [
        plan(tmp_path, head("latin_hypercube", "runs = 4") + "[vary]\n" + "\n".join(order) + "\n").key
        for order in (lines, lines[::-1])
    ]
    assert keys[0] != keys[1]


def test_one_at_a_time_goes_through_all_levels(tmp_path):
    text = head("one_at_a_time") + (
        '[vary]\nforce = [2400, 2200, 2300]\nmaterial = ["peek", "ti6al4v_eli", "ss316lvm"]\n'
        'neck_offset = {mean = 42, deviation = 1, distribution = "lognormal"}\n'
    )
    points = plan(tmp_path, text).round(1, [], [])
    moved = {p.role: p.settings for p in points}
    assert moved["force low"]["force"] == 2200 and moved["force high"]["force"] == 2400
    assert moved["material = peek"]["material"] == "peek" and moved["material = ss316lvm"]["material"] == "ss316lvm"
    assert "material = ti6al4v_eli" not in moved and "force = 2300" not in moved
    low, high = (moved[f"neck_offset {end}"]["neck_offset"] for end in ("low", "high"))
    assert math.sqrt(low * high) < 42 < (low + high) / 2  # of a lognormal distribution the logarithms are symmetric


def test_a_constant_at_its_own_value_is_no_other_run(tmp_path):
    text = head("grid") + '[vary]\n"material.young_modulus" = ["114 GPa", "110 GPa"]\n'
    study = plan(tmp_path, text)
    same, other = study.round(1, [], [])
    plain = plan(tmp_path, head("list") + "[[variant]]\nforce = 2300\n")
    assert study.job(same, 1.0).key() == plain.job(plain.round(1, [], [])[0], 1.0).key() != study.job(other, 1.0).key()


@given(st.integers(1, 12), st.integers(2, 2000))
def test_first_round_of_an_optimisation(inputs, runs):
    first = first_round(inputs, runs)
    assert first >= 2 * (inputs + 1)
    assert first == 2 * (inputs + 1) or first <= min(10 * inputs, runs / 4)
    assert [first_round(3, n) for n in (24, 60, 400)] == [8, 15, 30]
