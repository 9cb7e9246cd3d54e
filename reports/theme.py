"""The look of all pictures and plots: colours, lights, sizes. Nothing here depends on a run."""

from __future__ import annotations

import matplotlib

matplotlib.use("Agg")  # no display is needed, nor looked for

import pyvista as pv
from cmcrameri import cm

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

GHOST_COLOURS = {"fixture": "#d9bf8c", "load": "#8fc3e0", "part": "#b8bfc7"}
GHOST_TEXT = {"fixture": FIXTURE, "load": LOAD, "part": MUTED}
GHOST_OPACITY = 0.32

# Pale and of nearly one lightness, told apart by their leaders and borders rather than by hue (P. Tol, light scheme).
REGION_TINTS = ["#c3c8ce", "#bcd4e6", "#e3dcb8", "#cfe0c4", "#e6c9c4", "#d3cbe3", "#bfe0de", "#e6d3bd"]

SURFACE = {"ambient": 0.24, "diffuse": 0.82, "specular": 0.12, "specular_power": 25}
POLISHED = {"ambient": 0.20, "diffuse": 0.78, "specular": 0.38, "specular_power": 40}

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
        "svg.hashsalt": "reports",  # the same run gives the same file
    }
)


def light(plotter: pv.Plotter) -> None:
    """Put up the studio: a warm key light, a cool fill, a rim and a weak headlight.

    They are fixed to the camera, so every view of a part is lit alike. Highlights stay weak: a strong one reads as
    a stress.
    """
    lights = [
        ((-0.6, 0.9, 1.0), "#fff6ea", 0.66),
        ((0.9, 0.1, 0.7), "#eaf2ff", 0.34),
        ((0.2, 0.8, -0.9), "#ffffff", 0.22),
        ((0.0, 0.0, 1.0), "#ffffff", 0.26),
    ]
    for position, colour, intensity in lights:
        lamp = pv.Light(position=position, color=colour, intensity=intensity, light_type="camera light")
        lamp.positional = False
        plotter.add_light(lamp)
