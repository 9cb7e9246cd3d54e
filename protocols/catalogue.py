"""The bench tests there are."""

from __future__ import annotations

from devices.catalogue import Catalogue
from protocols.protocol import Protocol

PROTOCOLS = Catalogue("protocols", Protocol)  # type: ignore[type-abstract]
