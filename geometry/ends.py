"""Names of what bounds every lumen along z: inlet, outlet and planes of symmetry."""

from __future__ import annotations

from collections.abc import Callable

from geometry.solid import SYMMETRY, Solid, Surface

_CLOSE = 1e-3  # mm


def flat(axis: int, place: float) -> Callable[[Surface], bool]:
    """A selector of the surfaces that lie in the plane where a coordinate has one value, mm."""
    return lambda s: abs(s.high[axis] - place) < _CLOSE and abs(s.low[axis] - place) < _CLOSE


def name_ends(solid: Solid, inlet: tuple[float, float], outlet: tuple[float, float], *, quarter: bool) -> None:
    """Name the ends of a lumen along z, and for a quarter the planes x = 0 and y = 0.

    Surfaces "inlet", "outlet", and "symmetry_x", "symmetry_y" of a quarter; landmarks "inlet_centre",
    "outlet_centre", and "inlet_radius", "outlet_radius" with the radius as their x.

    Parameters
    ----------
    solid : Solid
    inlet, outlet : (radius, z), mm
    quarter : bool
        Whether the solid is the quarter between x = 0 and y = 0, of which 4 make the device.

    Raises
    ------
    GeometryError
        If one of them is not there.
    """
    for name, (radius, z) in (("inlet", inlet), ("outlet", outlet)):
        solid.name(name, flat(2, z))
        solid.landmark(f"{name}_centre", (0.0, 0.0, z))
        solid.landmark(f"{name}_radius", (radius, 0.0, 0.0))
    if quarter:
        solid.copies = 4
        for k, axis in enumerate("xy"):
            solid.name(SYMMETRY + axis, flat(k, 0.0))
