"""Rules of the house that a machine can keep."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from devices.catalogue import DEVICES
from devices.parameters import bounds, facts
from protocols.catalogue import PROTOCOLS

ROOT = Path(__file__).parents[1]


def test_imports_run_one_way():
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


def test_dolfinx_comes_after_the_module_of_its_wheel():
    """`dolfinx_solver` is imported in one place only, which every module of the solvers passes through."""
    places = [
        path.relative_to(ROOT)
        for room in ("geometry", "materials", "solvers", "devices", "protocols", "studies", "reports", "benchtwin")
        for path in (ROOT / room).rglob("*.py")
        if "import dolfinx_solver" in path.read_text()
    ]
    assert places == [Path("solvers/__init__.py")]


def test_every_parameter_is_described():
    for entry in (*DEVICES.entries(), *PROTOCOLS.entries()):
        for name, field in entry.cls.model_fields.items():
            where = f"{entry.name}.{name}"
            assert field.description, where
            if field.annotation in (float, int):
                limits = bounds(field)
                assert limits is not None and limits[0] <= field.default <= limits[1], where
            known = facts(field)
            if known["verified"] is not None:
                assert known["source"], where
                assert known["verified"] != known["source"].startswith("assumed"), where


def test_names_that_others_rely_on():
    wanted = {
        "hip_stem": "stem_length neck_diameter neck_length neck_shaft_angle neck_fillet_radius head_diameter material",
        "bone_plate": "length width thickness edge_fillet hole_count hole_diameter hole_pitch material",
        "hip_iso7206_4": "force adduction flexion potting_depth fixture_depth",
        "plate_f382": "force support_to_load load_span",
        "fda_nozzle": "direction",
        "flow_steady": "flow_rate fluid",
    }
    found = {entry.name: set(entry.cls.model_fields) for entry in (*DEVICES.entries(), *PROTOCOLS.entries())}
    for name, words in wanted.items():
        assert found[name] >= set(words.split()), name


def test_devices_and_protocols_share_no_parameter():
    for device in DEVICES.entries():
        for protocol in PROTOCOLS.entries():
            assert not set(device.cls.model_fields) & set(protocol.cls.model_fields), (device.name, protocol.name)


def test_lock_names_no_host():
    assert "http" not in (ROOT / "requirements.lock").read_text()
