"""Bench tests: one file each, in the style of a test method, never a claim of compliance with it."""

from devices.parameters import InputError, choice, parameter
from geometry.scene import Arrow, Ghost, Scene
from protocols.flow_result import FlowResult
from protocols.flow_test import FlowTest
from protocols.formula import Formula
from protocols.protocol import Limit, Protocol
from protocols.result import Measured, Result, Specimen, Table
from protocols.solid_test import SolidTest

__all__ = [
    "Arrow",
    "FlowResult",
    "FlowTest",
    "Formula",
    "Ghost",
    "InputError",
    "Limit",
    "Measured",
    "Protocol",
    "Result",
    "Scene",
    "SolidTest",
    "Specimen",
    "Table",
    "choice",
    "parameter",
]
