"""Pictures against those in `tests/images`, within a tolerance.

After a wanted change of the look, renew them with ``RENEW_IMAGES=1 python -m pytest`` of the tests concerned, and look
at each before it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

IMAGES = Path(__file__).parent / "images"


def difference(drawn: NDArray[np.uint8], kept: NDArray[np.uint8]) -> tuple[float, float]:
    """Mean difference of two pictures, and the share of pixels that differ visibly (of 255, of 1)."""
    assert drawn.shape == kept.shape
    apart = np.abs(drawn.astype(int) - kept.astype(int)).max(axis=-1)
    return float(apart.mean()), float((apart > 48).mean())


def alike(picture: Image.Image, name: str, scale: float = 1.0) -> None:
    """Check that a picture, made smaller by a factor, is the one that is kept, and that another would be noticed."""
    image = picture.convert("RGB")
    if scale != 1.0:
        image = image.resize((round(scale * image.width), round(scale * image.height)), Image.Resampling.BOX)
    reference = IMAGES / f"{name}.png"
    if os.environ.get("RENEW_IMAGES"):
        IMAGES.mkdir(exist_ok=True)
        image.quantize(128).save(reference, optimize=True)
    kept = np.asarray(Image.open(reference).convert("RGB"))
    mean, visible = difference(np.asarray(image), kept)
    # Another driver or release of FreeType moves edges by a part of a pixel; a label that moved is far more.
    assert mean < 2.5, name
    assert visible < 0.02, name
    upside_down = difference(np.asarray(image)[::-1], kept)
    assert upside_down[0] > 2.5 or upside_down[1] > 0.02, "the comparison would not notice a wrong picture"
