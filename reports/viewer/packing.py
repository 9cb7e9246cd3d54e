"""Whole numbers as text for a page: their differences, byte by byte, deflated."""

from __future__ import annotations

import base64
import zlib

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


class Packing:
    """A stream of whole numbers under way. The browser takes them in the order in which they were put."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def put(self, numbers: Integers, width: int) -> None:
        """Add numbers modulo 256 to the power of ``width``, 4 at most: first their lowest bytes, then the next.

        The bytes of one rank are alike, and the highest are nearly all zero.
        """
        rest = (numbers & (256**width - 1)).astype("<u4")
        self._parts.append(rest.view(np.uint8).reshape(-1, 4)[:, :width].T.tobytes())

    def put_differences(self, numbers: Integers, width: int) -> None:
        """Add numbers as what they differ by from the one before."""
        self.put(np.diff(numbers, prepend=0), width)

    def deflated(self) -> bytes:
        # What is left after taking differences is noise and runs of zeros: as small by this strategy as by the
        # search for repeats, in a tenth of the time.
        squeeze = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)
        return b"".join([*map(squeeze.compress, self._parts), squeeze.flush()])


def text(content: bytes) -> str:
    """Bytes as a page can hold them."""
    return base64.b64encode(content).decode()
