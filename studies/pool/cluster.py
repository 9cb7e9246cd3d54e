"""Tasks done by the workers of a Dask scheduler, on this machine or on others that see the same results folder."""

from __future__ import annotations

import logging
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from distributed import Client, Future

from studies.pool.pools import Pool, PoolLost
from studies.pool.slot import Slot
from studies.pool.task import Ended, Task

CONNECT = 20  # s
POLL = 0.2  # s
RETURN = 20.0  # s, within which one worker must be back when all are gone: nannies start theirs anew
ANSWER, SILENCE = 5.0, 60.0  # s, for one question and for all of them
USUAL_MB = 4_000.0  # of a worker that names no limit

_places = threading.local()


class NoScheduler(PoolLost):
    """There is no scheduler at the address, or it has no workers."""


def perform(task: Task) -> Ended:
    """Do a task on a worker; its processes are kept for the next task of the same thread."""
    # A worker's scheduler learns nothing of failures: they are told, or the worker is gone.
    if not hasattr(_places, "slot"):
        _places.slot = Slot()
    return _places.slot.perform(task)


def _reach(address: str) -> None:
    """Raise NoScheduler if nobody answers: a client that never met its scheduler cannot be closed quietly."""
    parts = urlsplit(address)
    try:
        if parts.scheme not in ("tcp", "tls") or not parts.hostname or not parts.port:
            raise ValueError("it must be like tcp://10.0.0.1:8786")
        socket.create_connection((parts.hostname, parts.port), timeout=CONNECT).close()
    except (OSError, ValueError) as error:
        raise NoScheduler(f"there is no Dask scheduler at {address}: {error}") from error


@dataclass
class _Running:
    task: Task
    worker: str
    future: Future


class DaskPool(Pool):
    """One task a thread of each worker, each sent to a worker of its own.

    Dask would start what a dead worker had in hand anew, again and again, and blame tasks that only waited there. So
    every task is bound to one worker, none waits on any, and a task whose worker is gone has ended: "lost".

    Parameters
    ----------
    address : str
        Of the scheduler, such as "tcp://10.0.0.1:8786".
    workers : int or None
        Most tasks at a time.

    Raises
    ------
    NoScheduler
    """

    def __init__(self, address: str, workers: int | None = None) -> None:
        self.scheduler, self._most = address, workers
        _reach(address)
        try:
            self._client = Client(address, timeout=CONNECT, set_as_default=False)
        except (TimeoutError, OSError, ValueError) as error:
            raise NoScheduler(f"there is no Dask scheduler at {address}: {error}") from error
        self._running: list[_Running] = []
        self._waiting: list[Task] = []
        self._known: dict[str, Any] = {}
        self._met = self._answered = time.monotonic()
        if not self._threads():
            self._client.close()
            raise NoScheduler(
                f"the Dask scheduler at {address} has no workers: start some with `dask worker {address}`"
            )

    @property
    def slots(self) -> int:
        total = sum(self._threads().values())
        return min(total, self._most) if self._most else total

    def memory(self, wanted: float | None) -> float:
        shares = [
            facts["memory_limit"] / 2**20 / max(facts["nthreads"], 1)
            for facts in self._workers().values()
            if facts.get("memory_limit")
        ]
        return wanted or min(shares, default=USUAL_MB)

    def submit(self, task: Task) -> None:
        self._waiting.append(task)
        self._place()

    def _place(self) -> None:
        """Send the tasks that wait, as far as there are free workers; `check` tells how long all may be away."""
        free = self._threads()
        for running in self._running:
            if running.worker in free:
                free[running.worker] -= 1
        while self._waiting and any(threads > 0 for threads in free.values()):
            worker = max(free, key=lambda name: free[name])
            free[worker] -= 1
            task = self._waiting.pop(0)
            future = self._client.submit(
                perform, task, pure=False, retries=0, workers=[worker], allow_other_workers=False
            )
            self._running.append(_Running(task, worker, future))

    def check(self) -> None:
        """Raise NoScheduler if the scheduler is gone, or for a while all its workers."""
        if not self._connected:
            raise NoScheduler(f"the Dask scheduler at {self.scheduler} is gone")
        if time.monotonic() > self._answered + SILENCE:
            raise NoScheduler(f"the Dask scheduler at {self.scheduler} has not answered for {SILENCE:.0f} s")
        if self._workers():
            self._met = time.monotonic()
        elif time.monotonic() > self._met + RETURN:
            raise NoScheduler(f"the Dask scheduler at {self.scheduler} has lost all its workers")

    def ended(self, timeout: float) -> Ended | None:
        deadline = time.monotonic() + timeout
        while True:
            if self._waiting:
                self._place()
            present = self._threads()
            for running in list(self._running):
                found = self._look(running, running.worker in present)
                if found:
                    self._running.remove(running)
                    return found
            if time.monotonic() > deadline:
                return None
            time.sleep(min(POLL, timeout))

    def close(self) -> None:
        if self._connected:
            for running in self._running:
                running.future.cancel()
        else:  # it is still trying to get through, and would show a traceback as it is stopped
            logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
        self._client.close()

    @property
    def _connected(self) -> bool:
        """Whether the scheduler is there; without it, the client calls all that it was given cancelled."""
        return bool(self._client.status == "running")

    def _look(self, running: _Running, present: bool) -> Ended | None:
        number, future = running.task.number, running.future
        if future.status == "finished":
            return self._fetch(running)
        if not self._connected:  # no fault of a worker; see `check`
            return None
        if future.status in ("error", "cancelled", "lost"):
            reason = future.exception() if future.status == "error" else "the scheduler gave it up"
            return Ended(
                number, "lost", f"{type(reason).__name__}: {reason}" if future.status == "error" else str(reason), ""
            )
        if not present:
            future.cancel()
            return Ended(number, "lost", f"the worker {running.worker} was lost", "")
        return None

    def _fetch(self, running: _Running) -> Ended | None:
        try:
            ended: Ended = running.future.result(timeout=CONNECT)
        except Exception as error:  # the worker that has the answer may be gone by now, and in many ways
            if not self._connected:
                return None
            running.future.cancel()
            return Ended(running.task.number, "lost", f"the answer was lost: {type(error).__name__}: {error}", "")
        return ended

    def _workers(self) -> dict[str, Any]:
        if not self._connected:
            return {}
        # Not `Client.scheduler_info`: what it returns is overwritten every two seconds by an answer without workers.
        # A question that does not get through says nothing about the workers.
        with suppress(OSError):
            told = self._client.sync(self._client.scheduler.identity, n_workers=-1, callback_timeout=ANSWER)
            self._known, self._answered = told["workers"], time.monotonic()
        return self._known if self._connected else {}

    def _threads(self) -> dict[str, int]:
        return {name: facts["nthreads"] for name, facts in self._workers().items()}
