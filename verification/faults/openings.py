"""Many processes that open the same new ledger at the same instant, as copies of a study do that start together."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from studies.pool.ledger import Ledger, New
from studies.supervise import child_environment

PROCESSES = 6
VARIANTS = 5


def _use(folder: Path, together: Any, told: Any) -> None:
    """Open the ledger, add the variants unless they are there, do what there is to be done."""
    try:
        together.wait()
        ledger = Ledger(folder)
        ledger.enter(1, "")
        ledger.recover()
        with ledger.proposing():
            ledger.add(1, [New(str(k), "", {}, str(k)) for k in range(VARIANTS)])
        done = 0
        while entry := ledger.claim():
            ledger.finish(entry.number, "done", "computed", "", "", {})
            done += 1
        ledger.close()
        told.put(done)
    except Exception as error:
        told.put(f"{type(error).__name__}: {error}")


def main(rounds: int) -> None:
    """Print what each process has said, round by round, as JSON."""
    processes = multiprocessing.get_context("fork")
    answers = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            together, told = processes.Barrier(PROCESSES), processes.Queue()
            users = [processes.Process(target=_use, args=(Path(folder), together, told)) for _ in range(PROCESSES)]
            for user in users:
                user.start()
            answers.append([told.get() for _ in users])
            for user in users:
                user.join()
    print(json.dumps(answers))


def played(rounds: int) -> list[list[int | str]]:
    """The same in a process of its own: ours has threads, which a fork would lose."""
    command = [sys.executable, "-P", __file__, str(rounds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=child_environment())
    answers: list[list[int | str]] = json.loads(done.stdout)
    return answers


if __name__ == "__main__":
    main(int(sys.argv[1]))
