"""A device and a test by formula that goes wrong on demand; given to studies as a file, as a user's own are.

A plain variant takes no time to compute, so that a study of them is all program and nothing else.
"""

import ctypes
import os
import signal
import time
from pathlib import Path
from typing import Any

from devices import Device, choice, parameter
from devices.parameters import InputError
from geometry.solid import Solid
from protocols import Formula, Measured

# How a run can end that does not end well: words of the setting `mishap`.
CRASHES = ("segfault", "segfault_once", "killed", "quits")
MISHAPS = ("none", *CRASHES, "endless", "greedy", "noisy", "raises", "nan", "wrong")
MARKS = "BENCHTWIN_FAULTS"  # folder for what a variant must remember from one process to the next


class Sample(Device):
    """Two numbers."""

    x: float = parameter(1.0, "", (-100, 100), "First")
    y: float = parameter(1.0, "", (-100, 100), "Second")

    def build(self) -> Solid:
        raise NotImplementedError


class Mishap(Formula):
    """The sum of two numbers, if it comes to that."""

    mishap: str = choice("none", "What goes wrong", MISHAPS)
    pause: float = parameter(0.0, "s", (0, 3600), "Time that it takes")

    def evaluate(self, device: Any) -> list[Measured]:
        """The sum; or what the mishap makes of it."""
        time.sleep(self.pause)
        value = device.x + device.y
        match self.mishap:
            case "segfault":
                ctypes.string_at(0)
            case "segfault_once" if _first(device):
                ctypes.string_at(0)
            case "killed":  # as by the kernel when memory is short
                os.kill(os.getpid(), signal.SIGKILL)
            case "quits":  # as with a library that calls exit()
                os._exit(0)
            case "endless":
                time.sleep(3600)
            case "greedy":
                taken = [os.urandom(2**20) * 32 for _ in range(100)]
                time.sleep(len(taken))
            case "noisy":  # and with words that are not its own
                os.write(1, b'{"status": 0}\n' * 50_000)
            case "raises":
                raise ZeroDivisionError("a fault in the formula")
            case "nan":
                value = float("nan")
            case "wrong":
                raise InputError("x does not go with y")
        return [Measured("response", value, "", "sum of both")]


def _first(device: Any) -> bool:
    """Whether this variant is tried for the first time."""
    mark = Path(os.environ[MARKS]) / f"{device.x}-{device.y}"
    known = mark.exists()
    mark.touch()
    return not known
