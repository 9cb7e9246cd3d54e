"""Waveforms of a pulsatile test: built-in ones, and those of a user's file."""

from __future__ import annotations

import csv
import hashlib
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from devices.parameters import nearest
from solvers.waveform import Waveform, WaveformError

TABLE = ["t_s", "q_rel"]
SERIES = ["harmonic", "cos_rel", "sin_rel"]  # the line of harmonic 0 holds the mean
DIGITS = 12  # of the hash of a file
HIGHEST, LARGEST = 100, 1e12  # harmonic, coefficient

Array = NDArray[np.float64]

# Mean, cosines and sines, in parts of the mean. All are assumed: shapes to compare designs by, of no measured vessel.
BUILT_IN: dict[str, tuple[float, tuple[float, ...], tuple[float, ...]]] = {
    # Shaped like the flow in a large artery: one steep systolic peak of 2.7 times the mean after 0.18 of the period, a
    # small second one, never backwards.
    "arterial": (
        1.0,
        (0.128, -0.196, -0.409, 0.009, 0.073, 0.037),
        (0.541, 0.361, -0.061, -0.233, -0.034, 0.007),
    ),
    "sinusoidal": (1.0, (), (0.5,)),
    "constant": (1.0, (), ()),
}


def pinned(reference: str) -> str:
    """The reference to a waveform with the hash of its file, so that another content is another run.

    Parameters
    ----------
    reference : str
        Name of a built-in waveform, "path/to/file.csv", or that with the hash that this function gave it.

    Raises
    ------
    WaveformError
        If there is no such waveform, its file cannot be used, or it has changed since it was given its hash.
    """
    if reference in BUILT_IN:
        return reference
    path, known = _parted(reference)
    data, _ = _read(path)
    found = hashlib.sha256(data).hexdigest()[:DIGITS]
    if known and known != found:
        raise WaveformError(f"{path} has changed since the run was asked for")
    waveform_of(path, 1.0)
    return f"{path}#{found}"


def waveform_of(reference: str, period: float) -> Waveform:
    """Flow rate by its mean, over a period, s, of a built-in waveform or of a file, whose times are stretched to it.

    Raises
    ------
    WaveformError
        If there is no such waveform, or its file cannot be used.
    """
    if reference in BUILT_IN:
        return Waveform.of_fourier(period, *BUILT_IN[reference])
    path, _ = _parted(reference)
    _, columns = _read(path)
    try:
        if len(columns) == len(TABLE):
            return Waveform.of_table(columns[0], columns[1], period).by_mean()
        mean, a, b = _coefficients(columns[0], columns[1], columns[2])
        return Waveform.of_fourier(period, mean, a.tolist(), b.tolist()).by_mean()
    except WaveformError as error:
        raise WaveformError(f"{path}: {error}") from error


def highest_harmonic(reference: str) -> int:
    """Of a series in a file; 0 of a table and of a built-in waveform, which are smooth."""
    if reference in BUILT_IN:
        return 0
    _, columns = _read(_parted(reference)[0])
    if len(columns) == len(TABLE):
        return 0
    harmonic, a, b = columns
    return int(harmonic[(a != 0.0) | (b != 0.0)].max(initial=0))


def _parted(reference: str) -> tuple[str, str]:
    """Path, and the hash that `pinned` gave it; empty if there is none."""
    found = re.fullmatch(rf"(.*)#([0-9a-f]{{{DIGITS}}})", reference, re.DOTALL)
    return (found[1], found[2]) if found else (reference, "")


def _coefficients(harmonic: Array, cosines: Array, sines: Array) -> tuple[float, Array, Array]:
    """Mean, cosines and sines of the harmonics 1, 2...; those that are not listed are 0."""
    if not np.isin(harmonic, np.arange(HIGHEST + 1)).all():
        raise WaveformError(f"harmonics must be whole numbers from 0 to {HIGHEST}")
    numbers = harmonic.astype(int)
    if len(np.unique(numbers)) < len(numbers) or 0 not in numbers:
        raise WaveformError("each harmonic must be listed once, and harmonic 0, the mean, with them")
    if not (np.abs([cosines, sines]) < LARGEST).all():
        raise WaveformError(f"a waveform must hold finite numbers below {LARGEST:g} alone")
    a, b = (np.zeros(numbers.max() + 1) for _ in range(2))
    a[numbers], b[numbers] = cosines, sines
    if b[0] != 0.0:
        raise WaveformError("the mean, harmonic 0, has no sine")
    return float(a[0]), a[1:], b[1:]


def _read(path: str) -> tuple[bytes, tuple[Array, ...]]:
    """Content of a file, and its columns: two of a table, three of a Fourier series."""
    if not path.lower().endswith(".csv"):
        raise WaveformError(f"there is no waveform '{path}'{nearest(path, BUILT_IN)}; or give a file.csv")
    try:
        data = Path(path).read_bytes()
        rows = [row for row in csv.reader(data.decode("utf-8-sig").splitlines(), skipinitialspace=True) if row]
    except OSError as error:
        raise WaveformError(f"cannot read the waveform {path}: {error.strerror or error}") from error
    except (ValueError, csv.Error) as error:
        raise WaveformError(f"{path} is not a table as text: {error}") from error
    names = [word.strip() for word in rows[0]] if rows else []
    if names not in (TABLE, SERIES):
        raise WaveformError(f"{path} must begin with the line {','.join(TABLE)} or {','.join(SERIES)}")
    if any(len(row) != len(names) for row in rows):
        raise WaveformError(f"{path}: each line must hold {len(names)} numbers, {', '.join(names)}")
    try:
        return data, tuple(np.array([float(row[k]) for row in rows[1:]]) for k in range(len(names)))
    except ValueError as error:
        raise WaveformError(f"{path}: each line must hold {len(names)} numbers, {', '.join(names)}") from error
