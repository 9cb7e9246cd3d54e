"""Finding a device or a protocol by its name, or by the path of the user's own file."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
import sys
from dataclasses import dataclass
from pathlib import Path

from devices.device import Device
from devices.parameters import InputError, Parameters, nearest


@dataclass(frozen=True)
class Entry[P: Parameters]:
    """A class of parameters, its name, and the file it stands in."""

    name: str
    cls: type[P]
    file: Path


@dataclass(frozen=True)
class Catalogue[P: Parameters]:
    """The classes derived from ``base`` in the modules of ``package``, one a module, named like it."""

    package: str
    base: type[P]

    def entries(self) -> list[Entry[P]]:
        """All built-in entries, by name."""
        package = importlib.import_module(self.package)
        found = []
        for module in pkgutil.iter_modules(package.__path__):
            loaded = importlib.import_module(f"{self.package}.{module.name}")
            classes = self._classes(loaded)
            if len(classes) == 1:
                found.append(Entry(module.name, classes[0], Path(str(loaded.__file__))))
        return found

    def find(self, name: str) -> Entry[P]:
        """The entry called ``name``, or the one in the file that ``name`` is the path of.

        Raises
        ------
        InputError
            If there is none; the nearest names are given.
        """
        if name.endswith(".py"):
            return self._from_file(Path(name))
        entries = {entry.name: entry for entry in self.entries()}
        if name not in entries:
            raise InputError(f"there is no {self.base.kind} named '{name}'{nearest(name, entries)}")
        return entries[name]

    def _from_file(self, path: Path) -> Entry[P]:
        if not path.is_file():
            raise InputError(f"there is no {self.base.kind} file {path}")
        # Its folder is searched for what it imports, as if it were run as a program.
        folder = str(path.resolve().parent)
        if folder not in sys.path:
            sys.path.append(folder)
        spec = importlib.util.spec_from_file_location(f"user_{path.stem}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise InputError(f"{path} cannot be read: {type(error).__name__}: {error}") from error
        classes = self._classes(module)
        if len(classes) != 1:
            found = ", ".join(c.__name__ for c in classes) or "none"
            raise InputError(f"{path} must hold one class derived from {self.base.__name__}; it holds {found}")
        return Entry(path.stem, classes[0], path.resolve())

    def _classes(self, module: object) -> list[type[P]]:
        return [
            item
            for item in vars(module).values()
            if inspect.isclass(item)
            and issubclass(item, self.base)
            and not inspect.isabstract(item)
            and item.__module__ == getattr(module, "__name__", None)
        ]


DEVICES = Catalogue("devices", Device)  # type: ignore[type-abstract]
