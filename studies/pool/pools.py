"""Where tasks are done: on this machine. See `studies.pool.cluster` for other machines."""

from __future__ import annotations

import queue
import threading
import time
from abc import ABC, abstractmethod

from studies.budget import MB_PER_PROCESS, SHARE, free_memory
from studies.pool.slot import Slot
from studies.pool.task import Ended, Task
from studies.run import available_cores

LEAST_MB = 1_500.0  # for a run: a solid of half a million unknowns
PATIENCE = 0.5  # s
LAST = 5.0  # s, for what must not be broken off, such as putting a run into the store


class PoolLost(RuntimeError):
    """Nobody is left to do tasks."""


class Pool(ABC):
    """Does tasks, several at a time.

    Attributes
    ----------
    scheduler : str
        In words, for the record.
    """

    scheduler: str

    @property
    @abstractmethod
    def slots(self) -> int:
        """How many tasks it does at a time, now."""

    @abstractmethod
    def memory(self, wanted: float | None) -> float:
        """Memory of a run, MB: what is wanted, or its share."""

    @abstractmethod
    def submit(self, task: Task) -> None:
        """Begin a task; there must be a free slot."""

    @abstractmethod
    def ended(self, timeout: float) -> Ended | None:
        """The next that has ended; None if none does for so many seconds."""

    def expect(self, tasks: int) -> None:
        """Get ready for so many tasks that are to come at once."""
        return

    def learn(self, memory: float) -> None:
        """Take note of what a run has taken, MB."""
        return

    def check(self) -> None:
        """Raise PoolLost if nobody is left to do tasks."""
        return

    @abstractmethod
    def close(self) -> None:
        """End all that runs."""


def slots_here(workers: int | None, memory: float | None, free: float) -> tuple[int, float]:
    """How many runs this machine carries at a time, and memory of each, MB.

    Parameters
    ----------
    workers : int or None
        How many are wanted; as many as there are cores.
    memory : float or None
        What each is to have, MB; an equal share of four fifths of what is free.
    free : float
        What the machine has free, MB.
    """
    # The process that watches, and one that draws beside each that computes.
    least = (memory or LEAST_MB) + 2 * MB_PER_PROCESS
    carried = max(1, int(SHARE * free / least))
    slots = min(workers or available_cores(), carried)
    return slots, memory or SHARE * free / slots - 2 * MB_PER_PROCESS


class _Soon:
    """Word that a task will come."""


class LocalPool(Pool):
    """Threads of this process, each with processes of its own.

    Parameters
    ----------
    workers, memory
        As in `slots_here`.
    """

    scheduler = "this machine"

    def __init__(self, workers: int | None, memory: float | None) -> None:
        self._count, self._memory = slots_here(workers, memory, free_memory())
        self._tasks: queue.SimpleQueue[Task | _Soon | None] = queue.SimpleQueue()
        self._ended: queue.SimpleQueue[Ended] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._busy, self._largest, self._guard = 0, 0.0, threading.Lock()
        self._places = [Slot() for _ in range(self._count)]
        # Their children die with the thread that started them: these threads last as long as the pool.
        self._threads = [threading.Thread(target=self._work, args=(place,), daemon=True) for place in self._places]
        for thread in self._threads:
            thread.start()

    @property
    def slots(self) -> int:
        return self._count

    def memory(self, wanted: float | None) -> float:
        return wanted or self._memory

    def learn(self, memory: float) -> None:
        """Take note of what a run has taken, MB: those to come will hardly take much more."""
        self._largest = max(self._largest, memory)

    def submit(self, task: Task) -> None:
        self._tasks.put(task)

    def expect(self, tasks: int) -> None:
        """Those who have nothing to do start their processes, as many as there will be tasks."""
        for _ in range(min(tasks, self._count)):
            self._tasks.put(_Soon())

    def ended(self, timeout: float) -> Ended | None:
        try:
            return self._ended.get(timeout=timeout)
        except queue.Empty:
            return None

    def close(self) -> None:
        self._closing.set()
        for _ in self._threads:
            self._tasks.put(None)
        for place in self._places:
            place.stop()
        deadline = time.monotonic() + LAST
        for thread in self._threads:
            thread.join(timeout=max(deadline - time.monotonic(), 0.0))

    def _work(self, place: Slot) -> None:
        while task := self._tasks.get():
            if isinstance(task, _Soon):
                if not self._closing.is_set():
                    place.start()
                continue
            self._wait_for_memory(task)
            if self._closing.is_set():
                return
            try:
                ended = place.perform(task)
            except Exception as error:  # a fault of ours must not cost the thread
                ended = Ended(task.number, "error", f"{type(error).__name__}: {error}", "")
            finally:
                with self._guard:
                    self._busy -= 1
            self._ended.put(ended)

    def _wait_for_memory(self, task: Task) -> None:
        """Until what the run is expected to take is free, or nothing else of ours runs that could free it."""
        expected = min(1.3 * self._largest, task.memory) if self._largest else 0.0
        while not self._closing.is_set():
            with self._guard:
                if self._busy == 0 or free_memory() > expected:
                    self._busy += 1
                    return
            self._closing.wait(PATIENCE)
