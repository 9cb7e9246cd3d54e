"""What is handed to whoever does a run, and what comes back; both can be sent over a network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from studies.supervise import Trouble

# "lost": whoever did it is no longer there.
Kind = Trouble | Literal["lost"]
RETRIED: tuple[Kind, ...] = ("crash", "time", "memory", "lost")  # another try may help


@dataclass(frozen=True)
class Task:
    """A run to be done.

    Attributes
    ----------
    number : int
        Of the variant.
    job : str
        As `studies.job.JobFile`, in JSON.
    results : str
        Folder of the runs, the same for all who do them.
    finisher : str
        Module that adds pictures and report to a folder; none if empty.
    seconds, memory : float
        Limits at which the run is ended by force, s and MB.
    """

    number: int
    job: str
    results: str
    finisher: str
    seconds: float
    memory: float


@dataclass(frozen=True)
class Ended:
    """What became of a task.

    Attributes
    ----------
    trouble : str or None
        None: the run is in the store.
    folder : str
        Of the run, or where the log of a failed one is kept.
    stages : dict of str to float
        Seconds on top of those in the run record: "report", "all".
    """

    number: int
    trouble: Kind | None
    message: str
    folder: str
    from_store: bool = False
    stages: dict[str, float] = field(default_factory=dict)
