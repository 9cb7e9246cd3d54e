"""Devices: one file each, with its parameters, its solid and its materials."""

from devices.device import Device
from devices.parameters import InputError, Parameters, choice, parameter

__all__ = ["Device", "InputError", "Parameters", "choice", "parameter"]
