"""The device and the test of a study: which settings there are, and the job of a variant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devices.catalogue import DEVICES, Entry
from devices.device import Device
from devices.parameters import InputError, Parameters, bounds, facts, nearest
from geometry.units import to_house
from materials import Card, FluidCard, Material, MaterialError, load_card
from protocols.catalogue import PROTOCOLS
from protocols.protocol import Protocol
from studies.budget import Budget
from studies.findings.study_record import Setting
from studies.job import Job

FILE = re.compile(r"(?P<path>[^?]+\.(?:toml|csv))(?=$|[:?])", re.IGNORECASE)


@dataclass(frozen=True)
class Knob:
    """What may be set: a parameter, or "material.young_modulus", a constant of the card that a parameter names.

    Attributes
    ----------
    low, high : float or None
        Bounds, in ``unit``.
    whole, word, positive : bool
        Whether it is a whole number, no number at all, or a number above zero.
    open : bool
        Whether it must lie between the bounds, which are not allowed themselves.
    base : Path
        Files that a word names stand relative to it.
    """

    name: str
    unit: str
    description: str
    low: float | None = None
    high: float | None = None
    whole: bool = False
    word: bool = False
    positive: bool = False
    open: bool = False
    options: tuple[str, ...] = ()
    base: Path = Path()

    def read(self, value: Any) -> Setting:
        """A value as the study file has it, in the unit declared.

        Raises
        ------
        InputError
            Naming value and range.
        """
        if self.word:
            if self.options and value not in self.options:
                raise InputError(f"{self.name} = {value}: it must be one of {', '.join(self.options)}")
            return located(str(value), self.base)
        try:
            number = to_house(value, self.unit)
        except ValueError as error:
            raise InputError(f"{self.name}: {error}") from error
        if self.low is not None and self.high is not None:
            ends = f"{self.low:g} to {self.high:g} {self.unit}".rstrip() + (", both excluded" if self.open else "")
            within = self.low < number < self.high if self.open else self.low <= number <= self.high
            if not within:
                raise InputError(f"{self.name} = {number:g} {self.unit}".rstrip() + f" is out of range: {ends}")
        if self.positive and number <= 0.0:
            raise InputError(f"{self.name} = {number:g} {self.unit}".rstrip() + " must be positive")
        if self.whole and number != int(number):
            raise InputError(f"{self.name} = {number:g} must be a whole number")
        return int(number) if self.whole else number


@dataclass(frozen=True)
class Bench:
    """A device under a test, with what all variants share."""

    device: Entry[Device]
    protocol: Entry[Protocol]
    fixed: Mapping[str, Any]
    accuracy: float
    minutes: float
    base: Path

    @classmethod
    def of(
        cls,
        device: str,
        protocol: str | None,
        fixed: Mapping[str, Any],
        accuracy: float,
        minutes: float,
        base: Path,
    ) -> Bench:
        """Find both.

        Raises
        ------
        InputError
            If there is no such device, or it has no such test.
        """
        found = DEVICES.find(device)
        wanted = protocol or found.cls.usual_protocol
        if not wanted:
            raise InputError(f"{device} names no usual protocol: choose one")
        return cls(found, PROTOCOLS.find(wanted), fixed, accuracy, minutes, base)

    def knob(self, name: str) -> Knob:
        """What is known of a setting.

        Raises
        ------
        InputError
            If neither device nor test has it.
        """
        owner, _, constant = name.partition(".")
        cls = self._owner(owner)
        field = cls.model_fields[owner]
        known = facts(field)
        if constant:
            return self._constant(name, owner, constant)
        low, high = bounds(field) or (None, None)
        word = field.annotation not in (float, int)
        options = tuple(known.get("options") or ())
        whole = field.annotation is int
        return Knob(
            name, known["unit"], field.description or "", low, high, whole, word, options=options, base=self.base
        )

    def nominal(self, name: str) -> Setting:
        """Value of a setting where the study does not vary it."""
        owner, _, constant = name.partition(".")
        if constant:
            return float(getattr(self._card(owner, constant)[0], constant).value)
        value = self.fixed.get(owner, self._owner(owner).model_fields[owner].default)
        return self.knob(name).read(value)

    def settings(self, point: Mapping[str, Setting]) -> dict[str, Any]:
        """All settings of a variant, as `studies.job.Job.make` takes them."""
        merged: dict[str, Any] = dict(self.fixed)
        changes: dict[str, list[str]] = {}
        for name, value in point.items():
            owner, _, constant = name.partition(".")
            if constant and owner not in point and value == self.nominal(name):
                continue  # the same run as without it
            if constant:
                changes.setdefault(owner, []).append(f"{constant}={value!r} {self.knob(name).unit}".rstrip())
            else:
                merged[name] = value
        for owner, words in changes.items():
            base = merged.get(owner, self._owner(owner).model_fields[owner].default)
            merged[owner] = f"{base}{'&' if '?' in str(base) else '?'}{'&'.join(words)}"
        return merged

    def job(self, point: Mapping[str, Setting], memory: float) -> Job:
        """The job of a variant, with so much memory, MB.

        Raises
        ------
        InputError
            If its settings cannot be.
        """
        budget = Budget(memory, self.minutes)
        return Job.make(
            self._reference(self.device), self._reference(self.protocol), self.settings(point), self.accuracy, budget
        )

    def _reference(self, entry: Entry[Any]) -> str:
        own = Path(__file__).resolve().parents[2] / ("devices" if issubclass(entry.cls, Device) else "protocols")
        return entry.name if entry.file.parent == own else str(entry.file)

    def _owner(self, name: str) -> type[Parameters]:
        for entry in (self.device, self.protocol):
            if name in entry.cls.model_fields:
                return entry.cls
        known = [*self.device.cls.model_fields, *self.protocol.cls.model_fields]
        raise InputError(
            f"neither {self.device.name} nor {self.protocol.name} has a parameter '{name}'{nearest(name, known)}"
        )

    def _constant(self, name: str, owner: str, constant: str) -> Knob:
        _, unit = self._card(owner, constant)
        description = f"{constant.replace('_', ' ')} of the card that '{owner}' names"
        if constant == "poisson_ratio":  # of an isotropic solid whose energy is positive
            return Knob(name, unit, description, -1.0, 0.5, open=True)
        return Knob(name, unit, description, positive=True)

    def _card(self, owner: str, constant: str) -> tuple[Card, str]:
        reference = str(self.fixed.get(owner, self._owner(owner).model_fields[owner].default))
        card = _find(reference, Material) or _find(reference, FluidCard)
        if card is not None:
            try:
                card.value(constant)
            except MaterialError as error:
                raise InputError(f"{owner}.{constant}: {error}") from error
            return card, getattr(card, constant).unit
        raise InputError(f"{owner} = {reference} names no material and no fluid, so it has no constant '{constant}'")


def _find[C: Card](reference: str, kind: type[C]) -> C | None:
    try:
        return load_card(reference, kind)
    except MaterialError:
        return None


def located(word: str, base: Path) -> str:
    """A word that names a file beside the study file, as a path that is good everywhere; other words as they are."""
    found = FILE.match(word)
    if found and (base / found["path"]).is_file():
        return str((base / found["path"]).resolve()) + word[found.end() :]
    return word
