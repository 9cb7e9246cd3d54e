"""Bench tests: one file each, in the style of a test method, never a claim of compliance with it."""

from devices.parameters import InputError, choice, parameter
from protocols.protocol import Limit, Measured, Protocol
from protocols.result import Result, Specimen
from protocols.scene import Arrow, Ghost, Scene

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
