"""CalculiX on a stored case: python -m benchmarks.calculix CASE OUT THREADS SOLVER.

Writes the input deck (not timed), runs ccx on a pseudo-terminal, so that its messages come line by line and date its
stages, and reads the result file (not timed). What is timed includes ccx's own writing of that file.
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import numpy as np

from benchmarks.answer import Answer
from benchmarks.stored import Array, StoredCase, von_mises
from studies.export import deck
from studies.supervise import die_with_parent

JOB = "job"
# The first words of the message with which a stage begins; before the first, ccx reads the deck.
BEGINS = (
    ("Determining the structure of the matrix", "assembly"),
    ("Factoring the system of equations", "solve"),
    ("Cholesky preconditioning", "preconditioner"),
    ("Solving the system of equations using the iterative solver", "solve"),
    ("iteration=", "solve"),
)
STRESSES = "for the stress calculation"  # said before the solution, for the load of the step, and after it


def main(folder: Path, out: Path, threads: int, solver: str) -> None:
    """Solve and write the answer."""
    case = StoredCase.read(folder)
    with (out / f"{JOB}.inp").open("w") as file:
        _write_deck(file, case, solver)
    answer = Answer(version(), threads, tolerance="direct" if solver == "SPOOLES" else "built in, scaled residual")
    answer.note = "solve includes the factorisation" if solver == "SPOOLES" else ""
    _run(answer, out, threads)
    displacement, six = read_result(out / f"{JOB}.frd", len(case.points))
    answer.peak_stress = float(von_mises(six)[case.zone].max())
    answer.write(out, displacement)


def version() -> str:
    """Version of the ccx that is installed (FileNotFoundError if there is none)."""
    said = subprocess.run(["ccx", "-v"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"[Vv]ersion\s+(\S+)", said)
    return found[1] if found else "unknown"


def _write_deck(file: IO[str], case: StoredCase, solver: str) -> None:
    facts = case.facts
    deck.mesh(file, case.points, case.cells, "BODY")
    deck.material(file, "METAL", facts.young_modulus, facts.poisson_ratio, None)
    deck.section(file, "BODY", "METAL")
    deck.supports(file, np.repeat(case.fixed[:, None], 3, axis=1))
    file.write(f"*STEP\n*STATIC,SOLVER={solver}\n")
    deck.forces(file, case.forces)
    file.write("*NODE FILE\nU\n*EL FILE\nS,NOE\n*END STEP\n")


def _run(answer: Answer, out: Path, threads: int) -> None:
    """Run ccx and enter its stages, iterations and memory into the answer."""
    environment = os.environ | {"OMP_NUM_THREADS": str(threads)}
    control, terminal = pty.openpty()
    start = time.perf_counter()
    stage, since, solved = "read", start, False
    child = subprocess.Popen(
        ["ccx", JOB], cwd=out, stdout=terminal, stderr=terminal, env=environment, preexec_fn=die_with_parent
    )
    os.close(terminal)

    def enter(following: str) -> None:
        nonlocal stage, since
        now = time.perf_counter()
        answer.stages[stage] = answer.stages.get(stage, 0.0) + now - since
        stage, since = following, now

    with os.fdopen(control, errors="replace") as said, (out / "ccx.log").open("w") as log:
        try:
            for raw in said:
                line = raw.strip()
                log.write(line + "\n")
                if match := re.match(r"# of iterations = (\d+)", line):
                    answer.iterations = int(match[1])
                for words, following in BEGINS:
                    if line.startswith(words) and following != stage:
                        enter(following)
                solved = solved or stage == "solve"
                if solved and stage == "solve" and STRESSES in line:
                    enter("stress")
        except OSError:  # so Linux says that the other end of a terminal is closed
            pass
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    enter("ended")
    answer.memory = usage.ru_maxrss / 1024
    if child.returncode != 0:
        sys.exit(f"ccx ended with status {child.returncode}")


def read_result(path: Path, count: int) -> tuple[Array, Array]:
    """Displacement (n, 3) and stress (n, 6: xx yy zz xy yz xz) of ccx's result file; both have six digits."""
    data = path.read_bytes()
    return _block(data, b" -4  DISP", count, 3), _block(data, b" -4  STRESS", count, 6)


def _block(data: bytes, header: bytes, count: int, columns: int) -> Array:
    """Values by node: lines of ' -1', a number of 10 characters and values of 12, without blanks between them."""
    place = data.index(b"\n -1", data.index(header)) + 1
    width = 13 + 12 * columns + 1
    lines = np.frombuffer(data, dtype="S1", count=count * width, offset=place).reshape(count, width)
    numbers = np.ascontiguousarray(lines[:, 3:13]).view("S10").astype(np.int64)
    fields = np.ascontiguousarray(lines[:, 13:-1]).view("S12").reshape(count, columns)
    values = np.zeros((count, columns))
    values[numbers.ravel() - 1] = fields.astype(np.float64)
    return values


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
