"""What determines a run: device, protocol, parameters, materials, accuracy; and the key under which it is kept."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from devices.catalogue import DEVICES, Entry
from devices.device import Device
from devices.parameters import InputError, Parameters, nearest
from materials import Card, MaterialError
from protocols.catalogue import PROTOCOLS
from protocols.protocol import Protocol
from studies.budget import Budget
from studies.supervise import ROOT

# The code that computes; a change in it makes a new run of the same parameters. Pictures and pages are not in it.
COMPUTING = ("geometry", "materials", "solvers", "devices", "protocols", "studies")
MESHES = "meshes.npz"  # for the ladder of another part to begin with, in the folder of the run that has shown them
CODE = ("*.py", "kernels/*.py", "kernels/*.c")
PACKAGES = ("dolfinx-solver-real", "fenics-dolfinx", "gmsh", "numpy", "scipy")


class Start(BaseModel):
    """The run of a part much alike with whose meshes the ladder begins.

    Attributes
    ----------
    key, inputs_sha256 : str
        Of that run.
    file : str
        Where its meshes are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    inputs_sha256: str
    file: str


class JobFile(BaseModel):
    """A job as text: names and settings, read again by the process that does it."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    device: str
    protocol: str
    device_settings: dict[str, Any]
    protocol_settings: dict[str, Any]
    accuracy: float
    memory_MB: float
    minutes: float
    inputs_sha256: str
    leads: bool = False
    start: Start | None = None


@dataclass(frozen=True)
class Job:
    """A validated run to be done.

    ``inputs_sha256`` is the hash of all that determines its result: parameters, material cards, code, versions of the
    solvers. The budget is not in it: it decides only whether the result is complete. A run that ``leads`` leaves
    meshes for others; one with a ``start`` begins with those of such a run.
    """

    device: Entry[Device]
    protocol: Entry[Protocol]
    specimen: Device
    test: Protocol
    accuracy: float
    budget: Budget = field(default_factory=Budget)
    inputs_sha256: str = ""
    leads: bool = False
    start: Start | None = None

    @classmethod
    def make(
        cls,
        device: str,
        protocol: str | None,
        settings: Mapping[str, Any],
        accuracy: float,
        budget: Budget | None = None,
    ) -> Job:
        """Validate what was asked for.

        Parameters
        ----------
        device, protocol : str
            Name of a built-in one, or path of the user's file; the device's usual protocol if None.
        settings : dict
            Parameters of device and protocol alike, as text with units or as numbers.
        accuracy : float
            Relative uncertainty wanted.
        budget : Budget or None

        Raises
        ------
        InputError
            With the parameter, its value and what would be right.
        """
        if not 1e-4 <= accuracy <= 0.5:
            raise InputError(f"accuracy = {accuracy:g} is out of range: 0.0001 to 0.5 (0.02 means 2 %)")
        device_entry = DEVICES.find(device)
        wanted = protocol or device_entry.cls.usual_protocol
        if not wanted:
            raise InputError(f"{device} names no usual protocol: choose one with --protocol")
        protocol_entry = PROTOCOLS.find(wanted)
        mine, theirs = _share_out(device_entry, protocol_entry, settings)
        part = device_entry.cls.read(mine)
        try:
            test = protocol_entry.cls.read(theirs)
            job = cls(device_entry, protocol_entry, part, test, accuracy, budget or Budget())
            job.cards()
        except MaterialError as error:
            raise InputError(str(error)) from error
        return cls._hashed(job)

    def cards(self) -> dict[str, Card]:
        """What the device is made of and what the protocol brings along, by label.

        Raises
        ------
        materials.MaterialError
            If one is not known.
        """
        return {**self.specimen.cards(), **self.test.cards()}

    def file(self) -> JobFile:
        return JobFile(
            device=_reference(self.device, "devices"),
            protocol=_reference(self.protocol, "protocols"),
            device_settings=self.specimen.model_dump(),
            protocol_settings=self.test.model_dump(),
            accuracy=self.accuracy,
            memory_MB=self.budget.memory,
            minutes=self.budget.minutes,
            inputs_sha256=self.inputs_sha256,
            leads=self.leads,
            start=self.start,
        )

    def leading(self) -> Job:
        """This job, leaving its meshes to others: another run than without them, which may be there already."""
        return self._hashed(replace(self, leads=True))

    def started_from(self, other: Job, folder: Path) -> Job:
        """This job, beginning with the meshes that another one leaves in its folder: another run than without them."""
        start = Start(key=other.key(), inputs_sha256=other.inputs_sha256, file=str(folder / MESHES))
        return self._hashed(replace(self, start=start))

    def alone(self) -> Job:
        """This job without regard to any other."""
        return self._hashed(replace(self, leads=False, start=None))

    @classmethod
    def read(cls, path: Path) -> Job:
        """The job of a file that `file` has written."""
        return cls.of(JobFile.model_validate_json(path.read_text()))

    @classmethod
    def of(cls, text: JobFile) -> Job:
        """The job that `file` has told."""
        settings = text.device_settings | text.protocol_settings
        budget = Budget(text.memory_MB, text.minutes)
        job = cls.make(text.device, text.protocol, settings, text.accuracy, budget)
        # The hash is that of the asker, who keeps the run under it.
        return replace(job, leads=text.leads, start=text.start, inputs_sha256=text.inputs_sha256)

    @staticmethod
    def _hashed(job: Job) -> Job:
        return replace(job, inputs_sha256=job._hash())

    def _hash(self) -> str:
        inputs = {
            "device": [self.device.name, self.specimen.model_dump()],
            "protocol": [self.protocol.name, self.test.model_dump()],
            "materials": {label: card.model_dump() for label, card in self.cards().items()},
            "accuracy": self.accuracy,
            **({"leads": True} if self.leads else {}),
            **({"start": self.start.inputs_sha256} if self.start else {}),
            **self.common(),
        }
        return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()

    def common(self) -> dict[str, Any]:
        """What determines the results of all runs of this device under this test, whatever their parameters."""
        return {
            "files": sorted(_sha256(file) for entry in (self.device, self.protocol) for file in _files(entry)),
            "code": _code_sha256(),
            "packages": installed(),
        }

    def key(self) -> str:
        """A readable name of what differs from the defaults, and the head of the hash."""
        words = [
            f"{name}-{value:g}" if isinstance(value, float) else f"{name}-{value}"
            for part in (self.specimen, self.test)
            for name, value in part.model_dump().items()
            if value != type(part).model_fields[name].default
        ]
        slug = "_".join(words) or "default"
        clean = "".join(c if c.isalnum() or c in "._-" else "-" for c in slug)[:60].strip("-._")
        return f"{clean}-{self.inputs_sha256[:12]}"


@cache
def installed() -> dict[str, str]:
    """Versions of the packages that compute, those that are there."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # DOLFINx has another name where it comes from conda-forge
            continue
    return found


def _share_out(
    device: Entry[Device], protocol: Entry[Protocol], settings: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Which settings are the device's and which the protocol's."""
    fields: tuple[type[Parameters], type[Parameters]] = (device.cls, protocol.cls)
    both = set(device.cls.model_fields) & set(protocol.cls.model_fields)
    if both:
        raise InputError(f"{device.name} and {protocol.name} both have a parameter {', '.join(sorted(both))}")
    shares: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    for name, value in settings.items():
        owner = next((k for k, cls in enumerate(fields) if name in cls.model_fields), None)
        if owner is None:
            known = [*device.cls.model_fields, *protocol.cls.model_fields]
            raise InputError(
                f"neither {device.name} nor {protocol.name} has a parameter '{name}'{nearest(name, known)}"
            )
        shares[owner][name] = value
    return shares


def _reference(entry: Entry[Any], package: str) -> str:
    return entry.name if entry.file.parent == ROOT / package else str(entry.file)


def _files(entry: Entry[Any]) -> set[Path]:
    """The file of a device or protocol, and what it has imported from beside it."""
    # A study asks for every variant, of thousands of modules.
    beside = _beside(str(entry.file.parent) + os.sep, len(sys.modules), next(reversed(sys.modules)))
    return {entry.file, *(file for file in beside if file.is_file())}


@lru_cache(maxsize=64)
def _beside(folder: str, modules: int, newest: str) -> tuple[Path, ...]:
    """Files of a folder from which a module has come, when there were so many modules and this was the newest."""
    origins = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    beside = {
        origin for origin in origins if origin and origin.startswith(folder) and os.sep not in origin[len(folder) :]
    }
    return tuple(Path(origin) for origin in beside)


@cache
def _code_sha256() -> str:
    files = sorted(path for room in COMPUTING for kind in CODE for path in (ROOT / room).glob(kind))
    return hashlib.sha256("".join(_sha256(path) for path in files).encode()).hexdigest()


def _sha256(path: Path) -> str:
    status = path.stat()
    return _sha256_of(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4096)
def _sha256_of(path: Path, changed: int, size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
