"""Reading docs/verification.md back."""

from __future__ import annotations

import re
from pathlib import Path

from verification.outcome import Outcome, ProblemOutcome

_HEAD = re.compile(r"^(.*) \(`([\w.]+)`(?:, (\d+) meshes, ([\d,]+) unknowns)?\)$", re.DOTALL)


def outcomes(page: Path) -> list[ProblemOutcome]:
    """Its problems, with as many digits as the page has; which source belongs to which quantity it does not say."""
    return [_problem(part) for part in page.read_text().split("\n### ")[1:]]


def orders(page: Path) -> list[float]:
    """Orders of convergence: quadratic elements in L2 and energy; velocity and pressure; the same and time steps."""
    text = page.read_text().split("## Orders of convergence")[1].split("## Problems")[0]
    quadratic = re.search(r"^\| 2 \| ([\d.]+) \| ([\d.]+) \|", text, re.MULTILINE)
    assert quadratic
    rest = re.findall(r"^\| (?:velocity|pressure)[^|]*\| ([\d.]+) \|", text, re.MULTILINE)
    return [float(x) for x in (*quadratic.groups(), *rest)]


def _problem(part: str) -> ProblemOutcome:
    title, body = part.split("\n", 1)
    head = _HEAD.match(body.strip().split("\n\n")[0])
    assert head, title
    sources = re.findall(r"^- (.*)$", body, re.MULTILINE)
    rows = [line.strip("|").split("|") for line in body.splitlines() if line.startswith("| ")][1:]
    quantities = [_quantity([cell.strip() for cell in row]) for row in rows]
    for k, source in enumerate(sources):
        quantities[min(k, len(quantities) - 1)].source = source
    for quantity in quantities[len(sources) :]:
        quantity.source = sources[-1]
    return ProblemOutcome(
        problem=head[2],
        title=title,
        statement=head[1],
        meshes=int(head[3] or 0),
        unknowns=int((head[4] or "0").replace(",", "")),
        quantities=quantities,
        failure="failed" if "**Failed to run:**" in body else "",
    )


def _quantity(cells: list[str]) -> Outcome:
    name, value, uncertainty, reference, error, order, status, holds = cells
    said, _, unit = name.replace(" (steep)", "").partition(", ")
    known = re.match(r"-?[\d.]+(?:e[-+]?\d+)?", reference)

    def number(text: str) -> float | None:
        return None if text == "–" else float(text)

    return Outcome(
        name=said.replace(" ", "_"),
        unit=unit,
        value=float(value),
        uncertainty=number(uncertainty),
        order=number(order),
        status=status.replace(" **(wrong)**", "").replace(" ", "_"),
        reference=float(known[0]) if known else None,
        tolerance=float(reference.partition("± ")[2] or 0.0),
        source="",
        nature="singular" if reference == "none: singular" else "steep" if "(steep)" in name else "regular",
        error=number(error),
        holds={"yes": True, "**no**": False, "–": None}[holds],
        told="(wrong)" not in status,
    )
