"""Bench tests: one file each, in the style of a test method, never a claim of compliance with it."""

from devices.parameters import InputError, choice, parameter
from geometry.scene import Arrow, Ghost, Scene
from protocols.protocol import Limit, Protocol
from protocols.result import Measured, Result, Specimen

__all__ = [
    "Arrow",
    "Ghost",
    "InputError",
    "Limit",
    "Measured",
    "Protocol",
    "Result",
    "Scene",
    "Specimen",
    "choice",
    "parameter",
]
