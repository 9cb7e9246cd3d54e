"""The report on paper: A4 by WeasyPrint, from the same template."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from PIL import Image

from reports.desk import abandoned, desk
from reports.paper import FILE, available
from reports.scenery import Picture

QUALITY = 94  # of pictures as JPEG: no traces around letters at the size of the paper


class Paper:
    """The report on paper, which can be set before its pictures are drawn: it is enough to know how large they are.

    Pictures are files beside it, JPEG, for a PDF cannot hold a PNG as it is: it would be packed anew, slowly. While the
    pages are set they are blank; WeasyPrint reads them when it writes the file.

    Parameters
    ----------
    folder : Path
        Of the run, where the pictures will be.

    Raises
    ------
    NoPdf
        If it cannot be done on this machine.
    """

    def __init__(self, folder: Path) -> None:
        available()
        import weasyprint  # takes most of a second, when others have begun to draw

        self._html = weasyprint.HTML
        self.folder = folder
        self._sizes: dict[str, tuple[int, int]] = {}

    def __enter__(self) -> Self:
        self._desk = desk()
        for left in abandoned(self.folder.glob(f"{FILE}.*.part")):
            left.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._desk, ignore_errors=True)

    def image(self, picture: Picture) -> str:
        """The address of a picture in the page."""
        path = self._packed(picture.file)
        if picture.file not in self._sizes:
            self._sizes[picture.file] = size = picture.size if any(picture.size) else self._size(picture.file)
            Image.new("RGB", size).save(path, "JPEG")
        return path.as_uri()

    def write(self, page: str, draw: Callable[[], object] = lambda: None) -> Path:
        """Write `report.pdf` into the folder.

        Parameters
        ----------
        page : str
            The report, rendered for paper with `image`.
        draw : callable
            Called when the pages are set; the pictures must be in the folder after it.

        Raises
        ------
        ValueError
            If a picture is not as large as it was said to be.
        """
        for name in ("weasyprint", "fontTools"):
            logging.getLogger(name).setLevel(logging.ERROR)  # of every rule for screens alone there is a warning
        path = self.folder / FILE
        part = path.with_name(f"{FILE}.{os.getpid()}.part")

        def fill_in(*_: Any) -> None:
            draw()
            self._pack()

        try:
            self._html(string=page).write_pdf(part, finisher=fill_in)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return path

    def _pack(self) -> None:
        for file, size in self._sizes.items():
            with Image.open(self.folder / file) as image:
                if image.size != size:
                    raise ValueError(f"{file} is {image.size} pixels large, not {size}")
                image.convert("RGB").save(self._packed(file), "JPEG", quality=QUALITY, subsampling=0)

    def _packed(self, file: str) -> Path:
        return (self._desk / file).with_suffix(".jpg")

    def _size(self, file: str) -> tuple[int, int]:
        with Image.open(self.folder / file) as image:
            return image.size
