"""A small picture of each variant, from the pictures that its run has."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from reports.document import data
from reports.study.choose import worst
from reports.study.picks import picks
from reports.view import Canvas
from studies.findings.study_record import Optimum, Ranking, StudyRecord, Variant

PRINCIPAL = ("von_mises.png", "wall_shear.png", "time_averaged_wall_shear.png", "streamlines.png", "setup.png")
WIDTH, HEIGHT = 160, 200  # pixels, at most
MOST = 1000  # variants; of more, only those that findings name have a picture
MOST_BYTES = 8_000_000  # of all together, before base64
QUALITY = 82


def thumbnails(folder: Path, record: StudyRecord) -> dict[int, str]:
    """Pictures by the number of the variant, as addresses that need no file; of variants without a picture none.

    Parameters
    ----------
    folder : Path
        Of the study; run folders are relative to it.
    record : StudyRecord
    """
    made: dict[int, str] = {}
    size = 0
    for variant in _chosen(record):
        content = _thumbnail(folder, variant)
        size += len(content)
        if size > MOST_BYTES:
            break
        if content:
            made[variant.number] = data("image/jpeg", content)
    return made


def all_have_a_chance(record: StudyRecord) -> bool:
    """Whether pictures are not for those alone that findings name."""
    return len(record.variants) <= MOST


def _chosen(record: StudyRecord) -> list[Variant]:
    if all_have_a_chance(record):
        return record.variants
    named = {pick.variant.number for pick in picks(record)[0]} | set(worst(record))
    for finding in record.findings:
        if isinstance(finding, Optimum):
            named |= {*finding.front, *finding.tied}
        elif isinstance(finding, Ranking):
            named |= {row.variant for row in finding.rows}
    return [v for v in record.variants if v.number in named][:MOST]


def _thumbnail(folder: Path, variant: Variant) -> bytes:
    """JPEG; empty without a picture that can be read."""
    if variant.folder is None:
        return b""
    path = next((p for name in PRINCIPAL if (p := folder / variant.folder / name).is_file()), None)
    if path is None:
        return b""
    try:
        with Image.open(path) as picture:
            small = _window(picture.convert("RGB"))
            small.thumbnail((WIDTH, HEIGHT), Image.Resampling.BOX, reducing_gap=2.0)
            written = io.BytesIO()
            small.save(written, "JPEG", quality=QUALITY, optimize=True)
    except (OSError, SyntaxError, ValueError):  # a file that is no picture, or cut short
        return b""
    return written.getvalue()


def _window(picture: Image.Image) -> Image.Image:
    """The part itself, without the title above it and the colours below or beside it."""
    width, height = picture.size
    canvas = Canvas.for_shape(1.0, height / width)
    zoom = width / canvas.width
    box = (canvas.left, canvas.top, canvas.width - canvas.right, height / zoom - canvas.bottom)
    around = 0.3  # of the margins: ghosts and loads may reach into them
    left, top, right, bottom = (zoom * side for side in box)
    return picture.crop(
        (
            int(left * (1 - around)),
            int(top * (1 - around)),
            int(right + around * (width - right)),
            int(bottom + around * (height - bottom)),
        )
    )
