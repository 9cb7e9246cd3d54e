"""Whether the error bars are honest, over all problems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from verification.ethier_steinman import UnsteadyOrders
from verification.kovasznay import FlowOrders
from verification.manufactured import Orders
from verification.outcome import Outcome, ProblemOutcome

COVERAGE = 0.95
OVERESTIMATE = 5.0
PROBLEMS, SINGULAR, STEEP = 30, 5, 10
SETTLED_ON = ("plane", "torsion")  # modules whose problems helped to settle the factors of the error bar


@dataclass(frozen=True)
class Summary:
    """Counts and shares; ``complaints`` is empty if all that was asked for is met."""

    problems: int
    failures: int
    judged: int
    holding: int
    exact: int
    exact_holding: int
    others: int
    others_holding: int
    stresses: int
    stresses_holding: int
    vague: int
    vague_holding: int
    median_overestimate: float
    singular: int
    singular_told: int
    singular_problems: int
    steep: int
    steep_told: int
    regular: int
    regular_told: int
    settled: int
    orders_good: bool
    flow_orders_good: bool

    @classmethod
    def of(
        cls,
        outcomes: Sequence[ProblemOutcome],
        orders: Sequence[Orders],
        flows: Sequence[FlowOrders | UnsteadyOrders],
        accuracy: float,
    ) -> Summary:
        quantities = [q for outcome in outcomes for q in outcome.quantities]
        judged = [q for q in quantities if q.holds is not None]
        exact = [q for q in judged if q.tolerance == 0.0]
        others = [
            q
            for outcome in outcomes
            if outcome.problem.partition(".")[0] not in SETTLED_ON
            for q in outcome.quantities
            if q.holds is not None
        ]
        stresses = [q for q in judged if q.unit == "MPa"]
        vague = [q for q in judged if q.tolerance > accuracy * abs(q.value)]
        overestimates = [q.overestimate for q in exact if q.overestimate is not None]

        def of_nature(nature: str) -> list[Outcome]:
            return [q for q in quantities if q.nature == nature]

        return cls(
            problems=len(outcomes),
            failures=sum(bool(outcome.failure) for outcome in outcomes),
            judged=len(judged),
            holding=sum(bool(q.holds) for q in judged),
            exact=len(exact),
            exact_holding=sum(bool(q.holds) for q in exact),
            others=len(others),
            others_holding=sum(bool(q.holds) for q in others),
            stresses=len(stresses),
            stresses_holding=sum(bool(q.holds) for q in stresses),
            vague=len(vague),
            vague_holding=sum(bool(q.holds) for q in vague),
            median_overestimate=median(overestimates) if overestimates else float("nan"),
            singular=len(of_nature("singular")),
            singular_told=sum(q.told for q in of_nature("singular")),
            singular_problems=sum(any(q.nature == "singular" for q in outcome.quantities) for outcome in outcomes),
            steep=len(of_nature("steep")),
            steep_told=sum(q.told for q in of_nature("steep")),
            regular=len(of_nature("regular")),
            regular_told=sum(q.told for q in of_nature("regular")),
            settled=sum(q.status == "converged" for q in quantities if q.nature != "singular"),
            orders_good=all(found.good for found in orders),
            flow_orders_good=all(found.good for found in flows),
        )

    @property
    def coverage(self) -> float:
        return self.holding / self.judged if self.judged else 0.0

    @property
    def exact_coverage(self) -> float:
        return self.exact_holding / self.exact if self.exact else 0.0

    @property
    def complaints(self) -> list[str]:
        demands = {
            f"{self.failures} problems failed to run": self.failures == 0,
            f"only {self.problems} problems": self.problems >= PROBLEMS,
            f"coverage {self.coverage:.1%}": self.coverage >= COVERAGE,
            f"coverage of exact references {self.exact_coverage:.1%}": self.exact_coverage >= COVERAGE,
            f"median overestimate {self.median_overestimate:.1f}": self.median_overestimate <= OVERESTIMATE,
            "a singular quantity was not told singular": self.singular_told == self.singular,
            f"only {self.singular_problems} singular problems": self.singular_problems >= SINGULAR,
            "a steep quantity was told singular": self.steep_told == self.steep,
            f"only {self.steep} steep quantities": self.steep >= STEEP,
            "a regular quantity was told singular": self.regular_told == self.regular,
            "an order of convergence is too low": self.orders_good,
            "an order of convergence of the flow is too low": self.flow_orders_good,
        }
        return [complaint for complaint, met in demands.items() if not met]
