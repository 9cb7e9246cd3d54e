"""The pictures of a run: set-up, von Mises stress, first principal stress, section."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reports import graphics, theme
from reports.fields import Fields, cells_of, rim
from reports.numbers import round_down, round_up, rounded, ticks, words
from reports.sheet import Sheet
from reports.stage import Stage, arrow_ends, ghost_surface
from reports.view import View
from studies.record import Ghost, Quantity, RunRecord

Array = NDArray[np.float64]

STRESSES = {
    "von_mises": ("von Mises stress", "peak_von_mises_stress"),
    "first_principal": ("First principal stress", "peak_first_principal_stress"),
}


@dataclass(frozen=True)
class Picture:
    """A picture that was drawn.

    Attributes
    ----------
    file : str
        Its name in the run folder.
    caption, alt : str
        What to read below it, and instead of it.
    wide : bool
        Whether it wants the full width of a page.
    """

    file: str
    caption: str
    alt: str
    wide: bool


@dataclass(frozen=True)
class Scenery:
    """All that the pictures of one run share."""

    record: RunRecord
    fields: Fields
    scale: float

    @property
    def factor(self) -> float:
        """By how much the displacement is drawn larger than it is; 0: there is none to draw."""
        largest = self.fields.largest_displacement
        return max(round_down(0.06 * self.fields.size / largest), 1.0) if largest > 1e-12 else 0.0

    @property
    def arrow_length(self) -> float:
        return 0.17 * self.fields.size

    @property
    def towards(self) -> Array:
        return np.array(self.record.scene.view_direction)

    def arrows(self) -> list[tuple[Array, Array, str]]:
        scene = self.record.scene
        return [(*arrow_ends(a, scene.ghosts, self.arrow_length), a.label) for a in scene.arrows]

    def view(self) -> View:
        """The one camera for set-up and stresses: it holds the part, deformed and not, ghosts and loads."""
        points = [np.asarray(self.fields.surface.points), np.asarray(self.fields.deformed(self.factor).points)]
        points += [np.asarray(ghost_surface(g).points) for g in self.record.scene.ghosts]
        points += [np.array([tail, tip]) for tail, tip, _ in self.arrows()]
        return View.of(np.concatenate(points), self.towards, np.array(self.record.scene.up), self.scale)


def draw(folder: Path, record: RunRecord, scale: float = 1.0) -> list[Picture]:
    """Draw all pictures of a run into its folder.

    Parameters
    ----------
    folder : Path
        Run folder with `fields.vtu` and `surface.vtu`.
    record : RunRecord
    scale : float
        Size of the pictures, relative to that for a report.

    Raises
    ------
    FieldsMissing
        If the fields are not there.
    NoGraphics, BlankPicture
        If nothing can be drawn on this machine.
    """
    graphics.choose()
    scenery = Scenery(record, Fields.read(folder), scale)
    view = scenery.view()
    pictures = [_setup(folder, scenery, view)]
    pictures += [_stress(folder, scenery, view, name) for name in STRESSES]
    section = _section(folder, scenery)
    return pictures + ([section] if section else [])


def _setup(folder: Path, scenery: Scenery, view: View) -> Picture:
    fields, record = scenery.fields, scenery.record
    names = sorted(set(record.regions.surfaces.values()))
    tint = {name: theme.REGION_TINTS[i % len(theme.REGION_TINTS)] for i, name in enumerate(names)}
    stage = Stage(view)
    numbers = np.asarray(fields.surface["surface"])
    for name in names:
        mine = [n for n, region in record.regions.surfaces.items() if region == name]
        piece = cells_of(fields.shaded, np.isin(numbers, mine))
        if piece.n_cells:
            stage.part(piece, tint[name], polished=True)
    stage.lines(fields.edges)
    stage.lines(fields.borders(), width=1.0, opacity=0.8)
    stage.silhouette(fields.surface)
    _around(stage, scenery)
    sheet = Sheet(stage.shoot(), view)
    sheet.title(f"{words(record.device)}: set-up", f"{record.protocol_description}. In the style of {record.style_of}.")
    sheet.scale_bar()
    _name_around(sheet, scenery)
    spots = _region_spots(fields, record, view)
    sheet.reserve(np.array(list(spots.values())).reshape(-1, 3))
    for name, spot in spots.items():
        sheet.label(spot, name.replace("_", " ").replace("+", " · "), marker="none", colour=theme.MUTED)
    sheet.save(folder / "setup.png")
    loads = ", ".join(a.label for a in record.scene.arrows) or "no load arrow"
    fixtures = ", ".join(sorted({g.label for g in record.scene.ghosts})) or "nothing"
    return Picture(
        "setup.png",
        "The part as it was loaded and held, with the names of its regions. What is translucent was not meshed.",
        f"Part with loads ({loads}) and, translucent, {fixtures}; named regions: {', '.join(names)}.",
        view.canvas.wide,
    )


def _stress(folder: Path, scenery: Scenery, view: View, name: str) -> Picture:
    fields, record = scenery.fields, scenery.record
    title, quantity_name = STRESSES[name]
    peak = _quantity(record, quantity_name)
    top = _top(peak, np.asarray(fields.surface[name]))
    stage = Stage(view)
    stage.field(fields.shaded, name, top)
    stage.lines(fields.edges)
    stage.silhouette(fields.surface)
    if scenery.factor:
        stage.shadow(fields.deformed(scenery.factor))
    _around(stage, scenery)
    sheet = Sheet(stage.shoot(), view)
    overlay = f"Pale outline: displacement × {scenery.factor:g}." if scenery.factor else "No displacement."
    sheet.title(f"{title} on the surface", f"{words(record.device)}, {record.style_of} style. {overlay}")
    sheet.colour_bar(title, "MPa", top, _extend(np.asarray(fields.surface[name]), top), _limit(peak))
    sheet.scale_bar()
    said = _mark_peak(sheet, peak, hidden=_is_hidden(fields, view, peak))
    _mark_excluded(sheet, fields, view, record)
    _name_around(sheet, scenery)
    sheet.save(folder / f"{name}.png")
    left_out = f" Left out of the peak: {record.scene.excluded}." if record.scene.excluded else ""
    return Picture(
        f"{name}.png",
        f"{title} on the part as made; {overlay[:1].lower()}{overlay[1:]}{left_out}",
        f"{title} in colours from 0 to {top:g} MPa. {said}{left_out}",
        view.canvas.wide,
    )


def _section(folder: Path, scenery: Scenery) -> Picture | None:
    fields, record = scenery.fields, scenery.record
    scene = record.scene
    normal = np.array(scene.section_normal) / np.linalg.norm(scene.section_normal)
    if normal @ scenery.towards < 0:
        normal = -normal
    peak = _quantity(record, "peak_von_mises_stress")
    origin = np.array(scene.section_origin)
    cut = fields.section(origin, normal)
    through = False
    if peak is not None and peak.location is not None and peak.status != "singular":
        at_peak = fields.section(np.array(peak.location), normal)
        # A peak at the far end of the part along the normal is only grazed there, and the section would show nothing.
        if at_peak.n_cells and (not cut.n_cells or at_peak.area > 0.5 * cut.area):
            cut, origin, through = at_peak, np.array(peak.location), True
    if not cut.n_cells:
        return None
    top = _top(peak, np.asarray(fields.surface["von_mises"]))
    view = View.of(np.asarray(cut.points), normal, np.array(scene.up), scenery.scale)
    stage = Stage(view)
    stage.part(fields.beyond(origin, normal), "#e4e7eb")
    stage.field(cut, "von_mises", top, lit=False)
    values = [t for t in ticks(top) if t > 0]
    stage.lines(cut.contour(values, scalars="von_mises"), width=0.6, opacity=0.6)
    stage.lines(rim(cut), width=1.1, opacity=0.9)
    sheet = Sheet(stage.shoot(), view)
    step = values[0]
    where = "through the peak" if through else "at " + _point(origin)
    sheet.title("von Mises stress on a section", f"{words(record.device)}, cut {where}. A line every {step:g} MPa.")
    sheet.colour_bar("von Mises stress", "MPa", top, _extend(np.asarray(cut["von_mises"]), top), _limit(peak))
    sheet.scale_bar()
    said = _mark_peak(sheet, peak, hidden=False) if through else ""
    sheet.save(folder / "section.png")
    return Picture(
        "section.png",
        f"Section {where}, with a line every {step:g} MPa; the rest of the part is grey.",
        f"von Mises stress on a plane section, 0 to {top:g} MPa. {said}".strip(),
        view.canvas.wide,
    )


# --- what the pictures have in common ---------------------------------------------------------------


def _around(stage: Stage, scenery: Scenery) -> None:
    for ghost in scenery.record.scene.ghosts:
        stage.ghost(ghost)
    for tail, tip, _ in scenery.arrows():
        stage.arrow(tail, tip)


def _name_around(sheet: Sheet, scenery: Scenery) -> None:
    for tail, tip, label in scenery.arrows():
        sheet.label(tail + 0.12 * (tip - tail), label, marker="none", colour=theme.LOAD)
    for label in dict.fromkeys(ghost.label for ghost in scenery.record.scene.ghosts):
        alike = [ghost for ghost in scenery.record.scene.ghosts if ghost.label == label]
        spots = np.concatenate([_visible_spots(ghost, scenery.fields, sheet.view) for ghost in alike])
        sheet.label(spots, label, marker="none", colour=theme.GHOST_TEXT[alike[0].role])


def _visible_spots(ghost: Ghost, fields: Fields, view: View) -> Array:
    """Points of a ghost where a leader line can end: near its rim, and beside the part, not before or behind it."""
    skin = np.asarray(ghost_surface(ghost).points)[::7]
    clear = skin[~fields.hidden(skin, view.towards) & ~fields.hidden(skin, -view.towards)]
    if not len(clear):
        return np.array([ghost.centre])
    outer = np.linalg.norm(view.pixels(clear) - view.pixels(np.array(ghost.centre)), axis=1)
    far = clear[outer > 0.7 * outer.max()]
    centre = np.array(ghost.centre)
    return np.asarray(centre + 0.88 * (far[:: max(len(far) // 8, 1)] - centre))


def _is_hidden(fields: Fields, view: View, peak: Quantity | None) -> bool:
    return (
        peak is not None
        and peak.location is not None
        and bool(fields.hidden(np.array([peak.location]), view.towards)[0])
    )


def _mark_peak(sheet: Sheet, peak: Quantity | None, *, hidden: bool) -> str:
    """Annotate the peak; gives the same in a sentence."""
    if peak is None:
        return "The run has no peak value for this field."
    value = rounded(peak.value, peak.uncertainty).text(peak.unit)
    if peak.status == "singular":
        text, detail, colour = "singular", "grows without bound under refinement: no value", theme.WARNING
    elif peak.status == "not_converged":
        text, detail, colour = value, "peak, not converged", theme.WARNING
    else:
        text, detail, colour = value, "peak", theme.INK
    if peak.location is None:
        return f"Peak: {text} ({detail}), at no recorded place."
    point = np.array(peak.location)
    if hidden:
        detail += ", on the far side"
    sheet.label(point, text, detail, colour=colour, marker="hollow" if hidden else "dot")
    return f"Peak: {text} ({detail}) at {_point(point)}."


def _mark_excluded(sheet: Sheet, fields: Fields, view: View, record: RunRecord) -> None:
    points = np.array(record.scene.excluded_points).reshape(-1, 3)
    if len(points):
        hidden = fields.hidden(points, view.towards)
        shown, marker = (points[~hidden], "dot") if not hidden.all() else (points, "hollow")
        sheet.label(shown, "not in the peak", record.scene.excluded, colour=theme.WARNING, marker=marker)
    elif record.scene.excluded:
        sheet.note(f"Not in the peak: {record.scene.excluded}")


def _region_spots(fields: Fields, record: RunRecord, view: View) -> dict[str, Array]:
    """A well visible point on each region; regions on the far side have none."""
    surface = fields.surface.compute_cell_sizes(length=False, volume=False)
    numbers = np.asarray(surface["surface"])
    centres = np.asarray(surface.cell_centers().points)
    normals = np.asarray(surface.compute_normals(point_normals=False, consistent_normals=False)["Normals"])
    facing = normals @ view.towards
    spots: dict[str, Array] = {}
    for name in sorted(set(record.regions.surfaces.values())):
        mine = [n for n, region in record.regions.surfaces.items() if region == name]
        cells = np.flatnonzero(np.isin(numbers, mine) & (facing > 0.3))
        if not len(cells):
            continue
        flat = view.pixels(centres[cells])
        order = np.argsort(np.linalg.norm(flat - np.median(flat, axis=0), axis=1))
        candidates = centres[cells[order[:: max(len(order) // 40, 1)]]]
        seen = np.flatnonzero(~fields.hidden(candidates, view.towards))
        if len(seen):
            spots[name] = candidates[seen[0]]
    return spots


def _quantity(record: RunRecord, name: str) -> Quantity | None:
    try:
        return record.quantity(name)
    except KeyError:
        return None


def _top(peak: Quantity | None, values: Array) -> float:
    """A round end of the colour range: the peak that is reported, never the spike of a singular place."""
    if peak is not None and peak.status != "singular" and peak.value > 0:
        return round_up(peak.value)
    largest = float(np.percentile(values, 99))
    return round_up(largest) if largest > 0 else 1.0


def _extend(values: Array, top: float) -> str:
    below, above = float(values.min()) < -0.01 * top, float(values.max()) > top
    return {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}[below, above]


def _limit(peak: Quantity | None) -> tuple[float, str] | None:
    return (peak.limit, "limit") if peak is not None and peak.limit is not None else None


def _point(point: Array) -> str:
    return "(" + ", ".join(f"{v:.1f}" for v in point).replace("-", "−") + ") mm"
