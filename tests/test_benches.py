"""Bench tests against closed forms of beam theory (standards of each: see the docstrings)."""

from __future__ import annotations

import numpy as np
import pytest
from mpi4py import MPI
from solids import RoundBar

from devices.bone_plate import BonePlate
from protocols.criteria import goodman_safety_factor, static_safety_factor
from protocols.hip_iso7206_4 import HipIso7206_4
from protocols.plate_f382 import PlateF382
from solvers import measures
from studies.case import BenchCase
from studies.ladder import climb


def climbed(device, protocol):
    with climb(BenchCase(device, protocol), 0.02, MPI.COMM_SELF) as ladder:
        return ladder


@pytest.fixture(scope="module")
def stem():
    return climbed(RoundBar(), HipIso7206_4())


@pytest.fixture(scope="module")
def plate():
    plain = BonePlate.read(
        {"length": 70, "width": 12, "thickness": 4, "hole_count": 0, "edge_fillet": 0, "material": "ti6al4v_eli"}
    )
    return climbed(plain, PlateF382.read({"force": 500, "support_to_load": 20, "load_span": 20}))


def value(ladder, name):
    return ladder.estimates[name].value


def test_round_bar_stress_at_the_potting_plane(stem):
    """360 MPa on the tension side: axial force and bending of a 12 mm round bar by elementary beam theory."""
    d, depth, offset = 12.0, 80.0, 40.0
    fx, fy, fz = stem.case.protocol.head_force()
    assert (fx, fy, fz) == pytest.approx((-394.6, 354.5, -2238.0), abs=0.05)
    frontal = -fz * offset + fx * depth  # about y, at the potting plane
    sagittal = fy * depth
    area, modulus = np.pi * d**2 / 4, np.pi * d**3 / 32
    expected = np.hypot(frontal, sagittal) / modulus + fz / area
    assert expected == pytest.approx(360, abs=1)
    result = stem.case.result
    on_plane = measures.on_surface(result.solution, "potting")
    tension = measures.peak(result.solution, result.stress.six[:, 2], on_plane)
    assert tension.value == pytest.approx(expected, rel=0.01)


def test_round_bar_section_forces(stem):
    assert value(stem, "section_moment") == pytest.approx(64.5, abs=0.05)
    assert value(stem, "section_torque") == pytest.approx(14.2, abs=0.05)


def test_round_bar_head_deflection(stem):
    """Head of a clamped round bar, 90 mm long, loaded 40 mm off its axis: bending, torsion, shear and axial force.

    Elementary beam theory (shear: Timoshenko, kappa = 6 (1 + nu) / (7 + 6 nu) after Cowper, J. Appl. Mech. 33, 1966).
    """
    d, length, offset, e, nu = 12.0, 90.0, 40.0, 114e3, 0.34
    fx, fy, fz = stem.case.protocol.head_force()
    g, inertia, area = e / 2 / (1 + nu), np.pi * d**4 / 64, np.pi * d**2 / 4
    shear = length * (7 + 6 * nu) / (6 * (1 + nu)) / (g * area)
    moment, torque = -fz * offset, fy * offset
    ux = fx * length**3 / (3 * e * inertia) + moment * length**2 / (2 * e * inertia) + fx * shear
    slope = fx * length**2 / (2 * e * inertia) + moment * length / (e * inertia)
    twist = torque * length / (g * 2 * inertia)
    uy = fy * length**3 / (3 * e * inertia) + fy * shear + twist * offset
    uz = fz * length / (e * area) - slope * offset
    expected = np.linalg.norm([ux, uy, uz])
    # Held on its side only, the bar still turns a little where it enters the clamp: softer than a rigid root.
    assert expected < value(stem, "head_deflection") < 1.02 * expected
    force = np.array([fx, fy, fz])
    along = force @ [ux, uy, uz] / np.linalg.norm(force)
    assert 0.98 * 2300 / along < value(stem, "stiffness") < 2300 / along


def test_goodman_by_hand():
    """100 MPa at R = 0.1: amplitude 45, mean 55; 1 / (45 / 500 + 55 / 900)."""
    assert goodman_safety_factor(100.0, 0.1, 500.0, 900.0) == pytest.approx(6.6176, rel=1e-4)
    assert static_safety_factor(400.0, 800.0) == 2.0


def test_round_bar_checks_hold(stem):
    assert all(check.passed for check in stem.checks.values()), stem.checks


def test_plain_plate_stress_and_curvature(plate):
    """sigma = M / W = 156.25 MPa and E I = 7.296 N m^2 for 12 x 4 mm, h = k = 20 mm, 500 N, E = 114 GPa."""
    assert value(plate, "mid_span_stress") == pytest.approx(156.25, rel=0.005)
    assert value(plate, "curvature_stiffness") == pytest.approx(7.296, rel=0.005)


def test_plain_plate_stiffness_with_shear(plate):
    """K = 12 EI / (h^2 (2h + 3k)) = 2188.8 N/mm by Euler-Bernoulli, less what shear takes away.

    Timoshenko's theory adds F/2 h / (kappa G A), kappa = 5/6, to the deflection of the load rollers (1.26 %). It kinks
    the axis under each roller where the solid bends over a length of about its thickness, so it is an upper bound of
    the effect (the cubic term of Timoshenko and Goodier, Theory of Elasticity, 1970, for a concentrated load).
    """
    force, h, k, ei, shear_modulus, area = 500.0, 20.0, 20.0, 7.296e6, 114e3 / 2.68, 48.0
    bending = force * h**2 * (2 * h + 3 * k) / (12 * ei)
    assert force / bending == pytest.approx(2188.8, abs=0.1)
    shear = force / 2 * h / (5 / 6 * shear_modulus * area)
    assert shear / bending == pytest.approx(0.0126, abs=0.0005)
    assert force / (bending + shear) < value(plate, "bending_stiffness") < force / bending
    structural = value(plate, "bending_stiffness") * h**2 * (2 * h + 3 * k) / 12e6
    assert value(plate, "bending_structural_stiffness") == pytest.approx(structural, rel=1e-9)


def test_plain_plate_mass(plate):
    round_ends = 12 * (70 - 12) + np.pi * 36
    assert value(plate, "mass") == pytest.approx(round_ends * 4 * 4.43e-3, rel=1e-4)


def test_double_load_doubles_what_is_linear(stem):
    twice = climbed(RoundBar(), HipIso7206_4.read({"force": 4600}))
    for name in ("peak_von_mises_stress", "peak_first_principal_stress", "head_deflection", "section_moment"):
        assert value(twice, name) == pytest.approx(2 * value(stem, name), rel=1e-7)
    assert value(twice, "static_safety_factor") == pytest.approx(value(stem, "static_safety_factor") / 2, rel=1e-7)
    assert value(twice, "stiffness") == pytest.approx(value(stem, "stiffness"), rel=1e-7)
