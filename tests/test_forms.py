"""A process killed while it compiles must not spoil the cache for the next one."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
import numpy as np
from mpi4py import MPI
import solvers
from solvers.forms import form
from dolfinx import fem, mesh
import ufl
box = mesh.create_unit_cube(MPI.COMM_SELF, 1, 1, 1)
x = ufl.SpatialCoordinate(box)
print(round(fem.assemble_scalar(form(x[0] ** 2 * ufl.dx(domain=box), MPI.COMM_SELF)), 12))
"""


def test_mark_of_a_killed_compilation_is_removed(tmp_path):
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path)}

    def run():
        return subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=60
        )

    first = run()
    assert first.stdout.strip() == "0.333333333333", first.stderr
    folder = tmp_path / "benchtwin" / "forms"
    (mark,) = folder.glob("*.c")
    mark.with_suffix(".c.cached").unlink()  # as if its process had been killed in the middle
    mark.write_text("")
    assert run().stdout == first.stdout
    assert mark.with_suffix(".c.cached").exists()


LATER = """
import os, sys
from pathlib import Path
folder = Path(sys.argv[1])
os.utime(folder, (1, 1))  # long ago: a look at it is good until it changes
def integral():
    return round(fem.assemble_scalar(form(x[0] ** 2 * ufl.dx(domain=box), MPI.COMM_SELF)), 12)
first = integral()
assert forms._seen, "it did not look"
(mark,) = folder.glob("*.c")
mark.with_suffix(".c.cached").unlink()
mark.write_text("")
assert integral() == first and mark.with_suffix(".c.cached").exists()
"""


def test_mark_of_another_process_is_removed_after_a_first_look(tmp_path):
    program = PROGRAM + "from solvers import forms" + LATER
    folder = tmp_path / "benchtwin" / "forms"
    done = subprocess.run(
        [sys.executable, "-c", program, folder],
        env=os.environ | {"XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
