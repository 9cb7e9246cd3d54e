"""The worst case of a family: which sizes it may be, and the statement that a design review needs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from studies.findings.study_record import RankRow, Variant
from studies.findings.wording import listed, said, with_error

COVERED = 0.95  # probability that the sizes to be considered hold the worst one
EVIDENCE = ". Evidence (± is numerical, 95 %; scatter is one standard deviation): "


def considered(rows: Sequence[RankRow]) -> list[RankRow]:
    """As many of the sizes, most probable first, as it takes to hold the worst one with a probability of 0.95.

    Parameters
    ----------
    rows : sequence of RankRow
        Most probable first.
    """
    covered = accumulate(row.probability for row in rows)
    # Cumulated shares of the draws end at 1 but for rounding.
    return list(rows[: 1 + sum(share < COVERED - 1e-9 for share in covered)])


def statement(rows: Sequence[RankRow], quantity: str, unit: str, lost: int = 0) -> str:
    """Which size is the worst case, how sure that is, which others must be considered, and on what evidence.

    Parameters
    ----------
    rows : sequence of RankRow
        Most probable first.
    quantity, unit : str
    lost : int
        Sizes without a value, which may be worse.
    """
    name = said(quantity)
    if not rows:
        return f"No size has a value of {name}"
    if len(rows) == 1:
        return f"{named(rows)} alone has a value of {name}"
    chosen = considered(rows)
    among = f" of the {len(rows)} sizes that have a value" if lost else ""
    text = f"{named(chosen[:1])} is the worst case{among} for {name} with probability {_share(chosen[0].probability)}"
    if others := chosen[1:]:
        text += "".join(f", size {bare(row)} with {_share(row.probability)}" for row in others)
        which = f"both {listed(map(bare, chosen))}" if len(chosen) == 2 else f"all {len(chosen)} of them"
        text += (
            f": {which} must be considered; one of them is the worst with {_share(sum(r.probability for r in chosen))}"
        )
    else:
        text += ": it alone need be considered"
    shown = rows[: len(chosen) + 1]  # the last of them need not be considered
    return f"{text}{EVIDENCE}{'; '.join(_evidence(row, unit) for row in shown)}"


def named(sizes: Sequence[RankRow] | Sequence[Variant]) -> str:
    """ "Sizes 4 and 5", whether their labels hold the word or not."""
    return f"Size{'s' if len(sizes) > 1 else ''} {listed(bare(size) for size in sizes)}"


def bare(size: RankRow | Variant) -> str:
    """The label without the word "size"."""
    return size.label.removeprefix("size ").removeprefix("Size ")


def _share(probability: float) -> str:
    """What 20,000 draws tell of a probability: never 0 or 1."""
    if probability < 0.005:
        return "<0.01"
    return ">0.99" if probability > 0.995 else f"{probability:.2f}"


def _evidence(row: RankRow, unit: str) -> str:
    text = f"{bare(row)}: {with_error(row.value, row.uncertainty, unit)}"
    if not row.scatter:
        return text
    if row.scatter_uncertainty is None:
        return f"{text}, scattering by {row.scatter:.2g}"
    if row.scatter <= row.scatter_uncertainty:
        return f"{text}, scattering by no more than the uncertainties"
    return f"{text}, scattering by {with_error(row.scatter, row.scatter_uncertainty)}"
