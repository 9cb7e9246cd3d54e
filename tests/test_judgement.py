"""What the record makes of numbers: nothing singular, missing or unknown passes."""

from __future__ import annotations

import importlib
import sys
import types
from types import SimpleNamespace

import numpy as np
import pytest
from mpi4py import MPI
from solids import Bar

from protocols.protocol import Limit
from protocols.result import Measured, Result
from solvers.convergence import Estimate, estimate
from solvers.measures import Peak
from studies.budget import Budget
from studies.case import BenchCase
from studies.job import Job
from studies.ladder import Ladder, climb
from studies.write_record import _overall, _verdict

FACTOR = Measured("static_safety_factor", 4.0, "", "factor", rests_on="peak_von_mises_stress")
AT_LEAST_ONE = Limit(1.0, "minimum")


def rungs(stress):
    return [
        SimpleNamespace(
            scale=h, indications={}, measured=[Measured("peak_von_mises_stress", s, "MPa", "peak"), replace(800 / s)]
        )
        for h, s in zip((3.375, 2.25, 1.5, 1.0), stress, strict=True)
    ]


def replace(value):
    return Measured("static_safety_factor", value, "", "factor", rests_on="peak_von_mises_stress")


def test_factor_of_a_singular_peak_does_not_pass():
    climbed = Ladder(SimpleNamespace(order=3.0), 0.02, MPI.COMM_SELF, lambda stage, facts: None)
    climbed.rungs += rungs([138.0, 157.0, 177.0, 200.0])
    climbed._estimate()
    factor = climbed.estimates["static_safety_factor"]
    assert climbed.estimates["peak_von_mises_stress"].status == factor.status == "singular"
    assert _verdict(FACTOR, factor, AT_LEAST_ONE) == "undecided"


@pytest.mark.parametrize("meshes", [2, 3])
def test_factor_of_a_peak_that_may_be_singular_does_not_pass(meshes):
    climbed = Ladder(SimpleNamespace(order=3.0), 0.5, MPI.COMM_SELF, lambda stage, facts: None)
    climbed.rungs += rungs([138.0, 157.0, 177.0, 200.0])[:meshes]
    climbed._estimate()
    factor = climbed.estimates["static_safety_factor"]
    assert factor.status == climbed.estimates["peak_von_mises_stress"].status == "not_converged"
    assert factor.value - factor.uncertainty > AT_LEAST_ONE.value
    assert _verdict(FACTOR, factor, AT_LEAST_ONE) == "undecided"


@pytest.mark.parametrize(("value", "bar", "verdict"), [(2, 0.5, "pass"), (0.5, 0.2, "fail"), (1.1, 0.2, "undecided")])
def test_verdict_needs_the_whole_error_bar(value, bar, verdict):
    found = Estimate(value, bar, None, None, "converged", "")
    assert _verdict(replace(value), found, AT_LEAST_ONE) == verdict
    upper = {"pass": "fail", "fail": "pass"}.get(verdict, verdict)
    assert _verdict(replace(value), found, Limit(1.0, "maximum")) == upper


def test_a_factor_of_several_materials_stands_where_the_weakest_of_them_is():
    """The largest stress is in the strong one; the factor, and what tells its error, belong to the weak one."""

    def card(strength):
        return SimpleNamespace(name="a card", yield_strength=strength, value=lambda name: strength, assumed=lambda: [])

    strong, weak = (Peak(v, (x, 0.0, 0.0), np.array(near)) for v, x, near in ((300, 1.0, [1, 0]), (150, 2.0, [0, 1])))
    specimen = SimpleNamespace(materials={"strong": card(900.0), "weak": card(180.0)})
    result = Result(specimen, None)
    result.__dict__["_peaks"] = {"strong": (strong, strong), "weak": (weak, weak)}
    (found,) = result._factor("f", "a factor", ("yield_strength",), 1, lambda s, y: y / s, "peak_von_mises_stress")
    assert found.value == pytest.approx(1.2) and found.location == (2.0, 0.0, 0.0)
    assert found.nodes is not None and found.nodes.tolist() == [0, 1]


def test_one_mesh_decides_nothing():
    assert _verdict(FACTOR, estimate([1.0], [4.0], 0.02), AT_LEAST_ONE) == "undecided"


def test_criterion_that_could_not_be_judged_keeps_the_verdict_open():
    passed = [SimpleNamespace(verdict="pass")]
    assert _overall(passed, False) == "pass"
    assert _overall(passed, True) == "undecided"
    assert _overall([*passed, SimpleNamespace(verdict="fail")], True) == "fail"


def test_budget_spent_on_the_first_mesh_gives_a_record(tmp_path):
    from datetime import UTC, datetime

    from studies.write_record import Sources, record_of

    device = tmp_path / "a_bar.py"
    device.write_text("from solids import Bar\n\n\nclass ABar(Bar):\n    '''A bar.'''\n")
    job = Job.make(str(device), "plate_f382", {"support_to_load": "15mm", "load_span": "20mm"}, 0.1)
    assert isinstance(job.specimen, Bar)
    case = BenchCase(job.specimen, job.test)
    with climb(case, 0.1, MPI.COMM_SELF, budget=Budget(memory=1.0)) as climbed:
        record = record_of(climbed, case, Sources(job, datetime.now(UTC), 1, 1.0, {}, {}))
    assert len(record.levels) == 2 and record.status == "not_converged" and record.verdict == "undecided"
    assert all(q.uncertainty is None for q in record.quantities)
    assert record.budget.exhausted == "memory"
    assert all(q.reason.startswith("budget of memory spent") for q in record.quantities)


def test_change_of_a_users_file_or_of_what_it_imports_makes_another_run(tmp_path):
    (tmp_path / "my_part.py").write_text("from my_helper import Bar\n\n\nclass Part(Bar):\n    '''A bar.'''\n")
    (tmp_path / "my_helper.py").write_text("from solids import Bar  # one\n")
    keys = {_key(tmp_path)}
    (tmp_path / "my_helper.py").write_text("from solids import Bar  # two\n")
    keys.add(_key(tmp_path))
    (tmp_path / "my_part.py").write_text("from my_helper import Bar\n\n\nclass Part(Bar):\n    '''Another bar.'''\n")
    keys.add(_key(tmp_path))
    assert len(keys) == 3


def test_file_beside_a_users_that_comes_and_goes_is_seen(tmp_path):
    (tmp_path / "my_part.py").write_text(
        "import my_absent\nfrom solids import Bar\n\n\nclass Part(Bar):\n    'A bar.'\n"
    )
    helper = tmp_path / "my_absent.py"
    helper.write_text("SIDE = 1\n")
    keys = [_key(tmp_path)]
    helper.rename(tmp_path / "away")
    keys.append(_key(tmp_path))  # without it, but no error
    helper.write_text("SIDE = 2\n")
    keys.append(_key(tmp_path))
    assert len(set(keys)) == 3


def test_module_that_takes_the_place_of_another_is_seen(tmp_path, monkeypatch):
    (tmp_path / "my_part.py").write_text("from solids import Bar\n\n\nclass Part(Bar):\n    'A bar.'\n")
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "my_late.py").write_text("SIDE = 1\n")
    sys.modules["my_other"] = types.ModuleType("my_other")
    alone = _key(tmp_path)
    del sys.modules["my_other"]
    importlib.import_module("my_late")
    keys = {alone, _key(tmp_path)}
    (tmp_path / "my_late.py").write_text("SIDE = 2\n")
    assert len({*keys, _key(tmp_path)}) == 3


def _key(folder):
    return Job.make(str(folder / "my_part.py"), "plate_f382", {}, 0.1).key()
