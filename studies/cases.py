"""Which case a device under a protocol is."""

from __future__ import annotations

from collections.abc import Callable

from devices.device import Device
from geometry.solid import Solid
from protocols.flow_pulsatile import FlowPulsatile
from protocols.flow_test import FlowTest
from protocols.permeability import Permeability
from protocols.protocol import Protocol
from protocols.solid_test import SolidTest
from studies.case import BenchCase, FlowCase
from studies.permeation_case import PermeationCase
from studies.pulsatile_case import PulsatileCase

AnyCase = BenchCase | FlowCase | PermeationCase


def case_of(device: Device, protocol: Protocol, on_solid: Callable[[Solid], None]) -> AnyCase:
    """The case of a device under a protocol."""
    if isinstance(protocol, FlowPulsatile):
        return PulsatileCase(device, protocol, on_solid)
    if isinstance(protocol, FlowTest):
        return FlowCase(device, protocol, on_solid)
    if isinstance(protocol, Permeability):
        return PermeationCase(device, protocol, on_solid)
    assert isinstance(protocol, SolidTest)
    return BenchCase(device, protocol, on_solid)
