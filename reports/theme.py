"""The look of all pictures and plots: colours, lights, sizes. Nothing here depends on a run."""

from __future__ import annotations

from typing import Any

import matplotlib

matplotlib.use("Agg")  # no display is needed, nor looked for

import pyvista as pv
from cmcrameri import cm  # type: ignore[import-untyped]

# Light at low stress, perceptually uniform and colour-blind safe (F. Crameri): the unloaded bulk stays readable,
# and the order of the colours survives a grey print.
COLOUR_MAP = cm.lajolla_r

PAPER = "#ffffff"
INK = "#1b2430"
MUTED = "#5a6572"
LOAD = "#0b6a9e"
FIXTURE = "#8a6a3a"
WARNING = "#9a3412"
METAL = "#c3c8ce"
OUTLINE = "#3b4450"

GHOST_COLOURS = {"fixture": "#ecdfc4", "load": "#cfe4f0", "part": "#dfe3e7"}
GHOST_TEXT = {"fixture": FIXTURE, "load": LOAD, "part": MUTED}
GHOST_VEIL = 0.16  # opacity in front of the part; little, for it tints the colours of the field
SHADOW = "#dde1e6"

# Pale and of nearly one lightness, told apart by their leaders and borders rather than by hue (P. Tol, light scheme).
REGION_TINTS = ["#c3c8ce", "#bcd4e6", "#e3dcb8", "#cfe0c4", "#e6c9c4", "#d3cbe3", "#bfe0de", "#e6d3bd"]

# Much ambient light: a face that looks away from the lamps must not read as one of higher stress.
SURFACE: dict[str, Any] = {"ambient": 0.62, "diffuse": 0.42, "specular": 0.05, "specular_power": 25}
POLISHED: dict[str, Any] = {"ambient": 0.30, "diffuse": 0.72, "specular": 0.35, "specular_power": 45}
PALE: dict[str, Any] = {"ambient": 0.78, "diffuse": 0.28, "specular": 0.0}

FEATURE_ANGLE = 30.0  # degrees; a sharper edge is drawn as a line and not shaded smooth

# Text is given in pixels of a browser page; a picture that fills the page width has fewer pixels to one of those.
TEXT = {"title": 15.0, "value": 14.0, "label": 12.5, "small": 11.5}
FONTS = ["DejaVu Sans"]  # comes with matplotlib, so a picture looks alike everywhere
DPI = 100

matplotlib.rcParams.update(
    {
        "font.family": FONTS,
        "axes.edgecolor": MUTED,
        "axes.labelcolor": INK,
        "text.color": INK,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "axes.linewidth": 0.8,
        "text.hinting": "none",  # else text with a halo is drawn wider or narrower than it was measured
        "svg.hashsalt": "reports",  # the same run gives the same file
    }
)


def light(plotter: pv.Plotter) -> None:
    """Put up the studio: a warm key light, a cool fill, a bounce from the floor, a rim and a headlight.

    They are fixed to the camera, so every view of a part is lit alike. Highlights stay weak: a strong one reads as
    a stress.
    """
    lights = [
        ((-0.6, 0.9, 1.0), "#fff8ef", 0.52),
        ((0.9, 0.1, 0.7), "#eef4ff", 0.26),
        ((0.1, -0.9, 0.7), "#f6f4f0", 0.26),
        ((0.2, 0.8, -0.9), "#ffffff", 0.20),
        ((0.0, 0.0, 1.0), "#ffffff", 0.34),
    ]
    for position, colour, intensity in lights:
        lamp = pv.Light(position=position, color=colour, intensity=intensity, light_type="camera light")
        lamp.positional = False
        plotter.add_light(lamp)
