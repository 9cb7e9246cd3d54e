"""Freed memory is kept, where the C library can be told to."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from studies import heap

FAULTS = """
import resource
import numpy as np
from studies.heap import keep_freed_memory

if {keep}:
    keep_freed_memory()
for k in range(20):
    if k == 10:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    many = [np.ones(2**20 // 8) for _ in range(40)]  # 1 MB each, below what numpy asks huge pages for
    del many
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(keep: bool) -> int:
    """Pages that ten rounds took anew."""
    done = subprocess.run([sys.executable, "-c", FAULTS.format(keep=keep)], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library is left as it is")
def test_freed_memory_is_used_again():
    assert faults(True) < 0.1 * faults(False)


def test_any_c_library_will_do(monkeypatch):
    monkeypatch.setattr(heap.ctypes, "CDLL", lambda name: object())
    heap.keep_freed_memory()
