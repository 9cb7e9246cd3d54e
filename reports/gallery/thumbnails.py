"""Small pictures for the gallery, made once from the large ones."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reports.gallery.folder import Found
from reports.gallery.whole import write_whole

SIZE = (480, 300)  # pixels, at most
QUALITY = 80
RECIPE = "1"  # another one makes all of them anew
SUFFIX = ".jpg"

THIN = ("streamlines.png", "outlines.png")
# A part, or several, on white paper, by the names that the pictures of a run have; all others are plots.
RENDERS = {
    "von_mises.png",
    "first_principal.png",
    "wall_shear.png",
    "time_averaged_wall_shear.png",
    "oscillatory_shear_index.png",
    *THIN,
    "setup.png",
}

_COARSE = 600  # pixels of the longer side; a picture of twice as many is halved first
_WHITE = 244
_SQUARE = np.ones((3, 3), dtype=bool)
_SHARE = 0.25  # of the largest thing drawn, from which another one belongs to the part
_MARGIN = 0.03


def name(found: Found) -> str:
    """File name of the small picture: of another picture it is another one. "" without a picture."""
    if not found.picture:
        return ""
    told = (RECIPE, found.path, found.picture, *found.picture_stamp)
    return hashlib.sha256("/".join(map(str, told)).encode()).hexdigest()[:20] + SUFFIX


def make(root: Path, files: Path, wanted: Sequence[Found]) -> set[str]:
    """Make those that there are not yet; a picture that cannot be read gets none. Returns the names of all there are.

    Parameters
    ----------
    root : Path
        The results folder.
    files : Path
        Where they are put.
    wanted : sequence of Found
    """
    there = {path.name for path in files.iterdir()}
    missing = [found for found in wanted if found.picture and name(found) not in there]

    def one(found: Found) -> None:
        try:
            with Image.open(root / found.path / found.picture) as picture:
                small = shrink(picture, found.picture)
            write_whole(files / name(found), small)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            return
        there.add(name(found))

    if missing:
        with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as threads:  # Pillow lets others run while it works
            list(threads.map(one, missing))
    return there


def shrink(picture: Image.Image, file_name: str) -> bytes:
    """A picture in small, as JPEG; of a part it shows nothing else, for title, labels and colour bar cannot be read."""
    small = picture.convert("RGB").reduce(max(1, max(picture.size) // _COARSE))
    if file_name in RENDERS:
        small = part_alone(small, thick=file_name not in THIN)
    small.thumbnail(SIZE, Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.save(file, "JPEG", quality=QUALITY, optimize=True)
    return file.getvalue()


def part_alone(picture: Image.Image, thick: bool) -> Image.Image:
    """What is drawn largest on white paper, with what is nearly as large; the rest is cut off.

    Of ``thick`` parts what lies around them is wiped too, and what is as thin as the lines that lead to labels.
    """
    from scipy import ndimage  # only where there is something new to be drawn

    pixels = np.array(picture)
    drawn = pixels.min(axis=2) < _WHITE  # pale yellow is no white
    labels, count = ndimage.label(ndimage.binary_opening(drawn, _SQUARE) if thick else drawn, _SQUARE)
    if count == 0:
        return picture
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0  # the paper
    bars = [False, *(_is_bar(box, size) for box, size in zip(ndimage.find_objects(labels), sizes[1:], strict=True))]
    kept = sizes >= _SHARE * np.where(bars, 0, sizes).max(initial=1)
    kept[0] = False
    if not np.all(kept <= bars):  # a part that looks like a bar must do
        kept &= ~np.array(bars)
    part = ndimage.binary_dilation(kept[labels], _SQUARE)
    if thick:
        pixels[~part] = 255
    (top, bottom), (left, right) = (_ends(part.any(axis=1 - axis)) for axis in (0, 1))
    return Image.fromarray(pixels[top:bottom, left:right])


def _is_bar(box: tuple[slice, slice], size: int) -> bool:
    """Whether something is as long, straight and full as a colour bar."""
    high, wide = (side.stop - side.start for side in box)
    return bool(max(high, wide) > 10 * min(high, wide) and size > 0.85 * high * wide)


def _ends(there: NDArray[np.bool_]) -> tuple[int, int]:
    """From where to where there is something, with a margin."""
    places, margin = np.nonzero(there)[0], int(_MARGIN * there.size)
    return max(int(places[0]) - margin, 0), int(places[-1]) + 1 + margin
