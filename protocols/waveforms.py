"""Waveforms of a pulsatile test: built-in ones, and those of a user's file."""

from __future__ import annotations

import csv
import hashlib
import re
from pathlib import Path

import numpy as np

from devices.parameters import nearest
from solvers.waveform import Waveform, WaveformError

COLUMNS = ["t_s", "q_rel"]
DIGITS = 12  # of the hash of a file

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
    _, (t, q) = _read(path)
    try:
        return Waveform.of_table(t, q, period).by_mean()
    except WaveformError as error:
        raise WaveformError(f"{path}: {error}") from error


def _parted(reference: str) -> tuple[str, str]:
    """Path, and the hash that `pinned` gave it; empty if there is none."""
    found = re.fullmatch(rf"(.*)#([0-9a-f]{{{DIGITS}}})", reference, re.DOTALL)
    return (found[1], found[2]) if found else (reference, "")


def _read(path: str) -> tuple[bytes, tuple[np.ndarray, np.ndarray]]:
    """Content of a file, and its two columns."""
    if not path.lower().endswith(".csv"):
        raise WaveformError(f"there is no waveform '{path}'{nearest(path, BUILT_IN)}; or give a file.csv")
    try:
        data = Path(path).read_bytes()
        rows = [row for row in csv.reader(data.decode("utf-8-sig").splitlines(), skipinitialspace=True) if row]
    except OSError as error:
        raise WaveformError(f"cannot read the waveform {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise WaveformError(f"{path} is not a text file: {error}") from error
    if not rows or [word.strip() for word in rows[0]] != COLUMNS:
        raise WaveformError(f"{path} must begin with the line {','.join(COLUMNS)}")
    try:
        t, q = (np.array([float(row[k]) for row in rows[1:]]) for k in (0, 1))
    except (ValueError, IndexError) as error:
        raise WaveformError(f"{path}: each line must hold two numbers, {' and '.join(COLUMNS)}") from error
    return data, (t, q)
