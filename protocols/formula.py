"""What every test by a closed formula is: numbers from parameters, without a mesh."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from devices.device import Device
from geometry.scene import Scene
from protocols.protocol import Protocol
from protocols.result import Measured, Specimen


class Formula(Protocol):
    """A test whose quantities follow from the parameters by a formula, such as a check by beam theory.

    It is run, kept, studied and reported like any other, and has no error bar but what its formula is worth.
    """

    @abstractmethod
    def evaluate(self, device: Device) -> list[Measured]:
        """The quantities of interest."""

    def measure(self, result: Any) -> list[Measured]:
        raise TypeError("a formula measures on no mesh")

    def scene(self, specimen: Specimen) -> Scene:
        raise TypeError("a formula has no scene")
