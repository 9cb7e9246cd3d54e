"""The report on paper: A4 by WeasyPrint, from the same template."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
from contextlib import suppress
from pathlib import Path

FILE = "report.pdf"
# What WeasyPrint loads of the system; the first that is missing ends its import.
LIBRARIES = {"libpango-1.0.so.0": "libpango-1.0-0", "libpangoft2-1.0.so.0": "libpangoft2-1.0-0"}


class NoPdf(Exception):
    """A page cannot be set as PDF on this machine; the message says what to install."""


def available() -> None:
    """Make sure that there is what it takes.

    Raises
    ------
    NoPdf
        If a library of the system is missing.
    """
    missing = []
    for library, package in LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    if missing:
        raise NoPdf(f"there is no Pango on this machine (Debian: apt-get install {' '.join(missing)})")


def load() -> None:
    """Load what it takes, where it is there: while others draw, this costs no time."""
    with suppress(NoPdf):
        available()
        import weasyprint  # noqa: F401


def write(folder: Path, page: str) -> Path:
    """Write `report.pdf` into a run folder.

    Parameters
    ----------
    folder : Path
    page : str
        The report, rendered for paper.

    Raises
    ------
    NoPdf
        If it cannot be done on this machine.
    """
    available()
    from weasyprint import HTML

    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)  # of every rule that is for screens alone there is a warning
    path = folder / FILE
    part = path.with_suffix(f".{os.getpid()}.part")
    collecting = gc.isenabled()
    gc.disable()  # of the millions of objects of a layout none is garbage before its end; looking for it takes a fifth
    try:
        HTML(string=page).write_pdf(part)
    finally:
        if collecting:
            gc.enable()
    part.replace(path)
    return path
