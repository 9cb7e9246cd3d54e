"""What VTK draws: the part, its ghosts, its loads, lit and smoothed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyvista as pv
from numpy.typing import NDArray
from pyvista import Plotter

from reports import theme
from reports.silhouette import silhouette
from reports.view import View
from studies.record import Arrow, Ghost

Array = NDArray[np.float64]


class Stage:
    """One rendering, off screen."""

    def __init__(self, view: View) -> None:
        self.view = view
        plotter: Any = Plotter(off_screen=True, window_size=list(view.canvas.size), lighting="none")
        plotter.set_background(theme.PAPER)
        theme.light(plotter)
        plotter.enable_anti_aliasing("ssaa")
        # Translucent things are blended in the order they are added: they lie behind each other in it, and to sort them
        # pixel by pixel takes longer than all else.
        plotter.renderer.SetUseOIT(False)
        view.aim(plotter)
        self.plotter = plotter

    def part(
        self, surface: pv.PolyData, colour: str = theme.METAL, *, opacity: float = 1.0, polished: bool = False
    ) -> None:
        """The part in one colour."""
        self._add(surface, color=colour, opacity=opacity, **(theme.POLISHED if polished else theme.SURFACE))

    def field(self, surface: pv.PolyData, name: str, top: float, *, lit: bool = True) -> None:
        """A field in colours, from zero to ``top``."""
        self._add(
            surface,
            scalars=name,
            clim=(0.0, top),
            cmap=theme.COLOUR_MAP,
            n_colors=512,
            show_scalar_bar=False,
            lighting=lit,
            **theme.SURFACE,
        )

    def lines(self, lines: pv.PolyData, width: float = 0.8, opacity: float = 0.55, colour: str = theme.OUTLINE) -> None:
        if lines.n_cells:
            # A little nearer to the camera, so that the surface they lie on does not swallow them.
            self.plotter.add_mesh(
                self._nearer(lines, 0.001), color=colour, line_width=self._width(width), opacity=opacity, lighting=False
            )

    def silhouette(self, surface: pv.PolyData, width: float = 0.9, opacity: float = 0.8) -> None:
        """The outline of a surface as this camera sees it."""
        self.lines(silhouette(surface, self.view.towards), width, opacity)

    def shadow(self, surface: pv.PolyData) -> None:
        """The deformed part, pale and behind everything else, so that the part itself stays the subject."""
        behind = self._nearer(surface, -4.0)
        self._add(behind, color=theme.SHADOW, **theme.PALE)
        self.silhouette(behind, width=0.6, opacity=0.6)

    def ghost(self, ghost: Ghost) -> None:
        """Something that is not part of the mesh, as if of glass.

        A pale body behind the part and a thin veil before it look translucent, need no sorting of faces, and leave
        the colours of the part nearly as they are.
        """
        body = ghost_surface(ghost)
        colour = theme.GHOST_COLOURS[ghost.role]
        self._add(self._nearer(body, -8.0), color=colour, **theme.PALE)
        self._add(body, color=colour, opacity=theme.GHOST_VEIL, culling="back", **theme.PALE)
        self.silhouette(body, width=0.6, opacity=0.5)

    def _nearer(self, surface: pv.PolyData, heights: float) -> pv.PolyData:
        # In a parallel projection a shift along the line of sight changes the depth and nothing else.
        reach = heights * self.view.mm_per_pixel * self.view.canvas.height
        moved = surface.copy()
        moved.points = np.asarray(surface.points) + reach * self.view.towards
        return moved

    def _width(self, width: float) -> float:
        # Anti-aliasing draws large and shrinks, lines with it.
        return 1.8 * width * self.view.canvas.zoom

    def arrow(self, tail: Array, tip: Array) -> None:
        length = float(np.linalg.norm(tip - tail))
        body = pv.Arrow(
            start=tail,
            direction=tip - tail,
            scale=length,
            tip_length=0.30,
            tip_radius=0.085,
            shaft_radius=0.03,
            tip_resolution=48,
            shaft_resolution=48,
        )
        self._add(body, color=theme.LOAD, smooth=False, **theme.SURFACE)

    def shoot(self) -> NDArray[np.uint8]:
        """The picture, (rows, columns, 3)."""
        self.plotter.reset_camera_clipping_range()
        image = self.plotter.screenshot(return_img=True)
        self.plotter.close()
        drawn = np.asarray(image)[..., :3]
        check_not_blank(drawn)
        return drawn

    def _add(self, surface: pv.PolyData, *, smooth: bool = True, **style: Any) -> None:
        # Normals come with the surface; letting pyvista compute them again would undo the split edges.
        self.plotter.add_mesh(surface, smooth_shading=smooth, split_sharp_edges=False, reset_camera=False, **style)


class BlankPicture(Exception):
    """Nothing was drawn, as happens with some OpenGL drivers, without any error."""


def check_not_blank(image: NDArray[np.uint8]) -> None:
    """Make sure that an image (rows, columns, 3) shows something.

    Raises
    ------
    BlankPicture
        If less than one pixel in 200 differs from the ground, or all that do are of one colour.
    """
    image = image[::3, ::3].astype(np.int16)
    differs = np.any(np.abs(image - image[0, 0]) > 8, axis=-1)
    if differs.mean() < 0.005 or np.ptp(image[differs], axis=0).max() < 8:
        raise BlankPicture("the picture came out blank")


def ghost_surface(ghost: Ghost) -> pv.PolyData:
    """The surface of a ghost, with sharp rims."""
    if ghost.kind == "sphere":
        return pv.Sphere(radius=ghost.size[0], center=ghost.centre, theta_resolution=72, phi_resolution=72)
    body = pv.Cylinder(
        center=ghost.centre, direction=ghost.axis, radius=ghost.size[0], height=ghost.size[1], resolution=96
    )
    return pv.PolyData(body.triangulate().compute_normals(feature_angle=theme.FEATURE_ANGLE, split_vertices=True))


def arrow_ends(arrow: Arrow, ghosts: list[Ghost], length: float) -> tuple[Array, Array]:
    """Tail and tip of a load arrow, mm; it ends on the skin of a ghost that holds its point."""
    tip, direction = np.array(arrow.point), np.array(arrow.vector) / np.linalg.norm(arrow.vector)
    for ghost in ghosts:
        if ghost.role != "fixture" and ghost.kind == "sphere":
            if np.linalg.norm(tip - np.array(ghost.centre)) < 0.99 * ghost.size[0]:
                tip = tip - direction * ghost.size[0]
        elif ghost.role != "fixture":
            across = np.array(ghost.axis) / np.linalg.norm(ghost.axis)
            radial = tip - np.array(ghost.centre)
            radial = radial - across * (radial @ across)
            if np.linalg.norm(radial) <= 1.01 * ghost.size[0] and abs(direction @ across) < 0.1:
                tip = tip - direction * float(radial @ direction + ghost.size[0])
    return tip - length * direction, tip
