"""Where the camera stands and which pixel a point of the part falls on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyvista as pv
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Canvas:
    """The sheet of a picture and the window on it where the part stands, in pixels.

    Attributes
    ----------
    width, height : int
    left, top, right, bottom : float
        Margins around the window, for text.
    zoom : float
        Pixels of the picture to one of the page that shows it.
    """

    width: int
    height: int
    left: float
    top: float
    right: float
    bottom: float
    zoom: float

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    @property
    def wide(self) -> bool:
        return self.width > self.height

    @classmethod
    def for_shape(cls, width: float, height: float, scale: float = 1.0) -> Canvas:
        """A canvas for something ``width`` by ``height`` large (any unit): upright, or as wide as the page."""
        if height > 0.85 * width:
            return cls(
                int(1200 * scale), int(1500 * scale), 180 * scale, 220 * scale, 300 * scale, 150 * scale, 2.2 * scale
            )
        sheet, side, top, bottom = 1800, 150, 230, 270
        stage = (sheet - 2 * side) * height / width
        tall = int(np.clip(top + stage + bottom, 850, 1500))
        return cls(
            int(sheet * scale), int(tall * scale), side * scale, top * scale, side * scale, bottom * scale, 1.65 * scale
        )


@dataclass(frozen=True)
class View:
    """A parallel projection onto a canvas.

    Attributes
    ----------
    right, up, towards : (3,) arrays
        Unit vectors of the picture; ``towards`` points from the part to the camera.
    focus : (3,) array, mm
        The point in the middle of the canvas.
    mm_per_pixel : float
    canvas : Canvas
    """

    right: Array
    up: Array
    towards: Array
    focus: Array
    mm_per_pixel: float
    canvas: Canvas

    @classmethod
    def of(cls, points: Array, towards: Array, up: Array, scale: float = 1.0) -> View:
        """The view that shows all ``points`` (n, 3), mm, as large as its canvas allows."""
        right, upward, towards = axes(towards, up)
        flat = points @ np.stack([right, upward], axis=1)
        low, high = flat.min(axis=0), flat.max(axis=0)
        width, height = np.maximum(high - low, 1e-6 * np.ptp(points, axis=0).max() + 1e-9)
        canvas = Canvas.for_shape(width, height, scale)
        room = (canvas.width - canvas.left - canvas.right, canvas.height - canvas.top - canvas.bottom)
        mm_per_pixel = float(max(width / room[0], height / room[1]))
        # Margins differ, so the middle of the part is not the middle of the canvas.
        shift = mm_per_pixel * np.array([canvas.right - canvas.left, canvas.top - canvas.bottom]) / 2
        middle = (low + high) / 2 + shift
        depth = float(np.mean(points @ towards))
        focus = middle[0] * right + middle[1] * upward + depth * towards
        return cls(right, upward, towards, focus, mm_per_pixel, canvas)

    def pixels(self, points: Array) -> Array:
        """Pixel positions (n, 2) of points (n, 3) in mm, counted from the top left corner."""
        offset = np.atleast_2d(points) - self.focus
        x = self.canvas.width / 2 + offset @ self.right / self.mm_per_pixel
        y = self.canvas.height / 2 - offset @ self.up / self.mm_per_pixel
        return np.stack([x, y], axis=1)

    def aim(self, plotter: pv.Plotter) -> None:
        """Set the camera of a plotter."""
        camera = plotter.camera
        camera.focal_point = self.focus
        camera.position = self.focus + self.towards * self.mm_per_pixel * self.canvas.height * 4
        camera.up = self.up
        camera.parallel_projection = True
        camera.parallel_scale = self.mm_per_pixel * self.canvas.height / 2
        plotter.reset_camera_clipping_range()


def axes(towards: Array, up: Array) -> tuple[Array, Array, Array]:
    """Unit vectors to the right, up and towards the camera of a picture taken from ``towards``."""
    towards = towards / np.linalg.norm(towards)
    right = np.cross(up, towards)
    if np.linalg.norm(right) < 1e-6:  # looking along "up"
        right = np.cross(np.eye(3)[int(np.argmin(np.abs(towards)))], towards)
    right = right / np.linalg.norm(right)
    return right, np.cross(towards, right), towards
