"""The demands that `make verify` makes: each of them can fail."""

from __future__ import annotations

import math

import pytest
from mpi4py import MPI

import solvers  # noqa: F401
from geometry.solid import cad
from solvers.convergence import Estimate
from verification.__main__ import problems
from verification.ethier_steinman import UnsteadyOrders
from verification.kovasznay import FlowOrders
from verification.manufactured import Orders
from verification.outcome import ProblemOutcome, _compare
from verification.problem import Reference
from verification.summary import Summary

GOOD_ORDERS = Orders(
    degree=2, sizes=[2, 1], displacement_errors=[8, 1], energy_errors=[4, 1], displacement_order=3, energy_order=2
)

GOOD_FLOWS = [FlowOrders([2, 1], [8, 1], [4, 1]), UnsteadyOrders([2, 1], [8, 1], [4, 1], [4, 2, 1], [4, 1])]


def quantity(value=100.0, uncertainty=1.0, status="converged", known=100.5, nature="regular", tolerance=0.0):
    found = Estimate(value, uncertainty, None, None, status, "")
    return _compare("q", "MPa", found, Reference(known, "a book", tolerance, nature))


def singular_one():
    return quantity(status="singular", known=None, nature="singular")


def suite(*more, failures=0, number=30):
    """A suite that meets all demands, and what is added."""
    good = [quantity() for _ in range(40)] + [quantity(nature="steep") for _ in range(10)]
    outcomes = [ProblemOutcome(problem=f"p.{k}", title="", statement="", quantities=[singular_one()]) for k in range(5)]
    outcomes += [ProblemOutcome(problem=f"q.{k}", title="", statement="") for k in range(number - 6)]
    outcomes.append(ProblemOutcome(problem="r", title="", statement="", quantities=good + list(more)))
    outcomes += [ProblemOutcome(problem="f", title="", statement="", failure="crash")] * failures
    return outcomes


def test_a_good_suite_has_no_complaints():
    assert Summary.of(suite(), [GOOD_ORDERS], GOOD_FLOWS, 0.02).complaints == []


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        (suite(*[quantity(known=102.0)] * 4), "coverage 9"),
        (suite(*[quantity(known=100.01)] * 60), "median overestimate"),
        (suite(quantity(status="converged", known=None, nature="singular")), "not told singular"),
        (suite(quantity(status="singular", known=100.0, nature="steep")), "steep quantity was told"),
        (suite(quantity(status="singular", known=None)), "regular quantity was told"),
        (suite(failures=1), "failed to run"),
        (suite(number=20), "only 20 problems"),
    ],
)
def test_each_demand_can_fail(outcomes, said):
    assert any(said in complaint for complaint in Summary.of(outcomes, [GOOD_ORDERS], GOOD_FLOWS, 0.02).complaints)


def test_low_order_is_a_complaint():
    low = GOOD_ORDERS.model_copy(update={"energy_order": 1.7})
    assert Summary.of(suite(), [low], GOOD_FLOWS, 0.02).complaints == ["an order of convergence is too low"]


def test_singular_or_endless_intervals_hold_nothing():
    assert quantity(status="singular").holds is False
    assert quantity(uncertainty=math.inf, status="not_converged").holds is False
    assert quantity(known=101.2, tolerance=0.3).holds and not quantity(known=101.2).holds


def test_every_problem_says_what_it_is_and_where_its_references_come_from():
    for name, cls in problems().items():
        assert (cls.__doc__ or "").strip() and cls.title and cls.references, name
        assert all(reference.source for reference in cls.references.values()), name


@pytest.mark.parametrize("name", sorted(problems()))
def test_every_problem_can_be_drawn(name):
    with cad():
        drawing = problems()[name]().draw(MPI.COMM_SELF)
        assert drawing is not None and drawing.size > 0 and drawing.solid.volume() > 0


def test_a_low_order_of_the_flow_is_complained_of():
    low = FlowOrders([2, 1], [8, 1], [2, 1])
    complaints = Summary.of(suite(), [GOOD_ORDERS], [low], 0.02).complaints
    assert complaints == ["an order of convergence of the flow is too low"]


def test_a_low_order_in_time_is_complained_of():
    low = UnsteadyOrders([2, 1], [8, 1], [4, 1], [4, 2, 1], [2, 1])
    complaints = Summary.of(suite(), [GOOD_ORDERS], [*GOOD_FLOWS, low], 0.02).complaints
    assert complaints == ["an order of convergence of the flow is too low"]
