"""What there is to know of the report on paper before it is set: its name, and whether this machine can do it."""

from __future__ import annotations

import ctypes

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
