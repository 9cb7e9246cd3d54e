"""A process that is kept for many requests: imports are paid once, and a crash costs one request."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil

from studies.supervise import POLL, ChildFailed, Events, OnEvent, child_environment, end, python_module

MOST_REQUESTS = 25  # then it is started anew, should a native library keep memory


@dataclass(frozen=True)
class Limits:
    """What a request may take: time, s, and resident memory, MB."""

    seconds: float
    memory: float


class Stopped(RuntimeError):
    """A request was given up because nobody wants its result any more; it has not failed."""


class Warm:
    """One of our modules, serving (`studies.served`); started when first needed, and anew after a crash.

    Parameters
    ----------
    module : str
    patience : float
        How long it may take to clear away what it has in hand when it is ended, s.
    """

    def __init__(self, module: str, patience: float = 0.2) -> None:
        self.module, self._patience = module, patience
        self._child: subprocess.Popen[bytes] | None = None
        self._early: IO[bytes] | None = None  # what it prints before its first request
        self._requests = 0
        self._stopped = False

    def start(self) -> None:
        """Have it ready for the first request; one that has ended by then is started anew."""
        if self._child is None:
            self._early = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the process
            self._launch(self._early)

    def do(
        self,
        request: dict[str, Any],
        log: Path,
        limits: Limits,
        events: Path | None = None,
        on_event: OnEvent | None = None,
    ) -> None:
        """Have a request done.

        Parameters
        ----------
        request : dict
        log : Path
            Takes what it prints.
        limits : Limits
        events, on_event
            As in `studies.supervise.run_child`.

        Raises
        ------
        ChildFailed
            If it was not done, for whatever reason; the next request finds a new process.
        Stopped
            If `stop` was called.
        """
        child, said = self._ready(log), Events(events, on_event)
        try:
            status = self._ask(child, request | {"log": str(log)}, said, limits, log)
        except BaseException:
            self.close()
            raise
        if self._stopped:
            self.close()
            raise Stopped
        said.listen()
        self._requests += 1
        if status != 0 and child.poll() is not None:
            self._tell_early(log)
            self.close()
        self._forget_early()
        if status != 0:
            raise ChildFailed(status, log, said.failure)
        if self._requests >= MOST_REQUESTS:
            self.close()

    def stop(self) -> None:
        """End the process for good; for other threads than the one that waits for its answer."""
        self._stopped = True
        if child := self._child:  # its streams stay open: by their end the other thread learns of it
            end(child, self._patience)

    def close(self) -> None:
        """End the process."""
        child, self._child = self._child, None
        if child is not None:
            for stream in (child.stdin, child.stdout):
                if stream:
                    _close(stream)
            end(child, self._patience)
        self._forget_early()

    def _ready(self, log: Path) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self.close()
        with log.open("ab") as output:
            return self._launch(output)

    def _launch(self, output: IO[bytes]) -> subprocess.Popen[bytes]:
        self._requests = 0
        self._child = subprocess.Popen(
            python_module("studies.served", self.module, str(os.getpid())),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            start_new_session=True,
            env=child_environment(),
        )
        if self._stopped:  # while it was started
            self.close()
            raise Stopped
        return self._child

    def _tell_early(self, log: Path) -> None:
        """Add to a log what was printed before there was one."""
        if self._early:
            self._early.seek(0)
            with log.open("ab") as output:
                output.write(self._early.read())

    def _forget_early(self) -> None:
        if self._early:
            self._early.close()
            self._early = None

    def _ask(
        self, child: subprocess.Popen[bytes], request: dict[str, Any], said: Events, limits: Limits, log: Path
    ) -> int:
        """Status of the request, or of the process where that has ended."""
        assert child.stdin is not None and child.stdout is not None
        try:
            child.stdin.write((json.dumps(request) + "\n").encode())
            child.stdin.flush()
        except BrokenPipeError:
            return child.wait()
        start = time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            while True:
                if selector.select(POLL):
                    line = child.stdout.readline()
                    return int(json.loads(line)["status"]) if line.endswith(b"\n") else child.wait()
                said.listen()
                if time.monotonic() - start > limits.seconds:
                    raise _stopped("time", f"it was stopped after {limits.seconds / 60:.3g} minutes", log)
                if (used := _memory(child.pid)) > limits.memory:
                    raise _stopped("memory", f"it was stopped with {used / 1000:.3g} GB in use", log)


def _memory(pid: int) -> float:
    """Resident memory of a process, MB."""
    try:
        return float(psutil.Process(pid).memory_info().rss) / 2**20
    except psutil.Error:
        return 0.0


def _stopped(trouble: str, message: str, log: Path) -> ChildFailed:
    return ChildFailed(-9, log, {"trouble": trouble, "message": message})


def _close(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except BrokenPipeError:  # what was left unsent has nobody to read it
        return
