"""docs/verification.md, from the outcomes alone."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Environment, StrictUndefined

from verification.ethier_steinman import UnsteadyOrders
from verification.kovasznay import FlowOrders
from verification.manufactured import Orders
from verification.outcome import Outcome, ProblemOutcome
from verification.summary import Summary

TEMPLATE = """\
# Verification

Written by `make verify`; do not edit. Every problem below is solved as a run is: the ladder of graded meshes is climbed
until each quantity is known to {{ "%g"|format(100 * accuracy) }} %, and what was stated is then compared with what is known.

## Result

| what | found | asked for |
|---|---|---|
| intervals that hold the reference | {{ s.holding }} of {{ s.judged }} ({{ "%.1f"|format(100 * s.coverage) }} %) | at least 95 % |
| of these against exact references | {{ s.exact_holding }} of {{ s.exact }} ({{ "%.1f"|format(100 * s.exact_coverage) }} %) | at least 95 % |
| intervals that hold in problems that had no part in settling the factors of the error bar | {{ s.others_holding }} of {{ s.others }} ({{ "%.1f"|format(100 * s.others_holding / s.others) }} %) | – |
| intervals of stresses alone that hold | {{ s.stresses_holding }} of {{ s.stresses }} ({{ "%.1f"|format(100 * s.stresses_holding / s.stresses) }} %) | – |
| intervals against references less sure than the accuracy asked for (charts; in the first row too) | {{ s.vague_holding }} of {{ s.vague }} | – |
| stated uncertainty over true error, median (exact references) | {{ "%.1f"|format(s.median_overestimate) }} | at most 5 |
| singular quantities told singular | {{ s.singular_told }} of {{ s.singular }} in {{ s.singular_problems }} problems | all, in at least 5 problems |
| steep but regular quantities not told singular | {{ s.steep_told }} of {{ s.steep }} | all, at least 10 |
| other regular quantities not told singular | {{ s.regular_told }} of {{ s.regular }} | all |
| steep and regular quantities that reached {{ "%g"|format(100 * accuracy) }} % within the budget | {{ s.settled }} of {{ s.steep + s.regular }} | – |
| problems | {{ s.problems }}, {{ s.failures }} failed to run | at least 30, none failed |

An interval holds a reference if their distance is at most the stated uncertainty plus the tolerance of the reference
(published digits, charts; 0 for closed forms that are exact for the very problem solved).

The rules that tell singular from steep were worked out on these very singular and steep problems and on made-up
sequences, so those rows show that the rules do what they are meant to, not how they fare on problems never seen.

## Orders of convergence

Manufactured solution on an eighth of a ball, curved elements (`verification/manufactured.py`). Theory: p + 1 for the
displacement in L2, p for the energy norm.

| degree p | displacement | energy norm | mean element sizes, mm |
|---|---|---|---|
{% for o in orders -%}
| {{ o.degree }} | {{ "%.2f"|format(o.displacement_order) }} | {{ "%.2f"|format(o.energy_order) }} | {{ o.sizes|map("short")|join(", ") }} |
{% endfor %}
Flow: Kovasznay's exact solution of the Navier-Stokes equations (Proc. Camb. Phil. Soc. 44, 1948, 58) at Reynolds number
40, Taylor-Hood elements (`verification/kovasznay.py`). Theory: 3 for the velocity, 2 for the pressure, in L2.

| field | order | errors on meshes of size {{ flow.sizes|map("short")|join(", ") }} |
|---|---|---|
| velocity | {{ "%.2f"|format(flow.order(flow.velocity)) }} | {{ flow.velocity|map("short")|join(", ") }} |
| pressure | {{ "%.2f"|format(flow.order(flow.pressure)) }} | {{ flow.pressure|map("short")|join(", ") }} |

Unsteady flow: the vortices of Ethier and Steinman (Int. J. Numer. Meth. Fluids 19, 1994, 369), Taylor-Hood elements and
the second backward difference (`verification/ethier_steinman.py`). Theory: 3 for the velocity, 2 for the pressure, 2 in
time.

| field | order | errors |
|---|---|---|
| velocity, on meshes of size {{ unsteady.sizes|map("short")|join(", ") }} | {{ "%.2f"|format(unsteady.velocity_order) }} | {{ unsteady.velocity|map("short")|join(", ") }} |
| pressure, on the same | {{ "%.2f"|format(unsteady.pressure_order) }} | {{ unsteady.pressure|map("short")|join(", ") }} |
| velocity, by time steps of {{ unsteady.steps|map("short")|join(", ") }} s | {{ "%.2f"|format(unsteady.time_order) }} | from one to the next {{ unsteady.differences|map("short")|join(", ") }} |

## Problems
{% for p in problems %}
### {{ p.title }}

{{ p.statement }} (`{{ p.problem }}`{% if p.unknowns %}, {{ p.meshes }} meshes, {{ "{:,}".format(p.unknowns) }} unknowns{% endif %})
{% if p.failure %}
**Failed to run:** {{ p.failure }}
{% else %}
| quantity | value | ± | reference | true error | order | status | interval holds it |
|---|---|---|---|---|---|---|---|
{% for q in p.quantities -%}
| {{ q.name|replace("_", " ") }}{{ ", " + q.unit if q.unit }}{{ " (steep)" if q.nature == "steep" }} | {{ q.value|number }} | {{ q.uncertainty|short }} | {{ "none: singular" if q.nature == "singular" else q.reference|number }}{{ " ± " + q.tolerance|short if q.tolerance }} | {{ q.error|short }} | {{ "%.1f"|format(q.order) if q.order is not none else "–" }} | {{ q.status|replace("_", " ") }}{{ "" if q.told else " **(wrong)**" }} | {{ "–" if q.holds is none else "yes" if q.holds else "**no**" }} |
{% endfor %}
{% for source in p.quantities|map(attribute="source")|unique -%}
- {{ source }}
{% endfor %}
{%- if p.failed_checks %}
Failed checks: {{ p.failed_checks|join(", ") }}.
{% endif %}
{%- endif %}
{%- endfor %}
"""


def page(
    problems: Sequence[ProblemOutcome],
    orders: Sequence[Orders],
    flow: FlowOrders,
    unsteady: UnsteadyOrders,
    summary: Summary,
    accuracy: float,
) -> str:
    """The page as Markdown."""
    environment = Environment(undefined=StrictUndefined, trim_blocks=False, autoescape=False)
    environment.filters |= {
        "number": lambda x: "–" if x is None else f"{x:.6g}",
        "short": lambda x: "–" if x is None else f"{x:.2g}",
    }
    text = environment.from_string(TEMPLATE).render(
        problems=problems, orders=orders, flow=flow, unsteady=unsteady, s=summary, accuracy=accuracy
    )
    return text.rstrip() + "\n"


def _short(x: float | None) -> str:
    return "" if x is None else f"{x:.2g}"


def line(problem: ProblemOutcome, q: Outcome) -> tuple[str, ...]:
    """The cells of a quantity in the table on the screen."""
    verdict = "" if q.holds is None else "holds" if q.holds else "MISSES"
    told = q.status if q.told else f"{q.status} (WRONG)"
    return problem.problem, q.name, f"{q.value:.6g}", _short(q.uncertainty), _short(q.error), told, verdict
