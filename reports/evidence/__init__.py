"""What is known of the program itself: the outcome of its verification suite, as `python -m verification` leaves it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

FILE = Path(__file__).with_name("verification.json")

Subject = Literal["solid", "flow", "unsteady", "permeation"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Order(_Part):
    """An order of convergence on a solution that is known everywhere."""

    subject: Subject
    field: str
    found: float
    theory: float
    reference: str


class Problem(_Part):
    """One problem with a known answer.

    Attributes
    ----------
    name, title : str
    subject : str
        Physics it verifies.
    references : list of str
        Author, year, equation of what is known.
    unknowns, meshes : int
        Of the finest mesh; of all.
    judged, holding : int
        Quantities with a reference value, and those whose error bar holds it.
    misses : list of str
        The others by name.
    singular, singular_told : int
        Quantities without any value, and those that were told to be so.
    failure : str
        Why it did not run.
    """

    name: str
    title: str
    subject: Subject
    references: list[str]
    unknowns: int
    meshes: int
    judged: int
    holding: int
    misses: list[str] = []
    singular: int = 0
    singular_told: int = 0
    failure: str = ""


class Verification(_Part):
    """The last run of the suite.

    Attributes
    ----------
    date, version, git : str
        Of the program that was verified; ``git`` of the commit that holds the page.
    accuracy : float
        Asked for of every quantity.
    tests, test_files : int
        Test functions of the program, and the files they are in.
    """

    date: str
    version: str
    git: str
    accuracy: float
    tests: int
    test_files: int
    orders: list[Order]
    problems: list[Problem]

    def of(self, *subjects: str) -> list[Problem]:
        """The problems of some subjects."""
        return [problem for problem in self.problems if problem.subject in subjects]

    def orders_of(self, *subjects: str) -> list[Order]:
        return [order for order in self.orders if order.subject in subjects]


@cache
def verification() -> Verification:
    """What `python -m verification` has found last."""
    return Verification.model_validate_json(FILE.read_text(encoding="utf-8"))
