"""How a study was run: how fast, and where the time went."""

from __future__ import annotations

from collections.abc import Sequence

from studies.findings.study_record import Execution
from studies.pool.ledger import Attempt, Session

# Stages of a run record, put together.
_SHARES = {
    "mesh": ("geometry", "mesh", "transfer", "grade"),
    "solve": ("solve",),
    "measure": ("measure", "estimate", "check"),
    "write": ("write",),
}


def account(sessions: Sequence[Session], attempts: Sequence[Attempt]) -> Execution:
    """Throughput and shares of time of all starts of a study together.

    The share "other" is what the workers spent on a run and no stage of it accounts for: starting processes, waiting
    for memory or for a run that somebody else had in hand, putting a run into the store.
    """
    seconds = _covered([(s.started, s.seen) for s in sessions])
    computed = [a for a in attempts if a.outcome == "computed"]
    busy = sum(a.stages.get("all", 0.0) for a in attempts)
    shares = dict.fromkeys((*_SHARES, "report", "other"), 0.0)
    for attempt in computed:
        for share, names in _SHARES.items():
            shares[share] += sum(attempt.stages.get(name, 0.0) for name in names)
        shares["report"] += attempt.stages.get("report", 0.0)
    shares["other"] = max(busy - sum(shares.values()), 0.0)
    failures = [a for a in attempts if a.outcome not in ("computed", "stored", "interrupted", "forgiven")]
    return Execution(
        workers=max((s.workers for s in sessions), default=0),
        scheduler=sessions[-1].scheduler if sessions else "",
        seconds=seconds,
        busy_seconds=busy,
        computed=len(computed),
        from_store=sum(a.outcome == "stored" for a in attempts),
        retries=sum(1 for a in failures if any(b.number == a.number and b.ended > a.ended for b in attempts)),
        starts=len(sessions),
        variants_per_hour=3600 * len(computed) / seconds if seconds else 0.0,
        shares={name: value / busy if busy else 0.0 for name, value in shares.items()},
    )


def _covered(spans: Sequence[tuple[float, float]]) -> float:
    """Length of the union of spans, s: copies of a study that run at once count once."""
    total, end = 0.0, float("-inf")
    for start, stop in sorted(spans):
        total += max(stop - max(start, end), 0.0)
        end = max(end, stop)
    return total
