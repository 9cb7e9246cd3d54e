"""`benchtwin list`."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from devices.catalogue import DEVICES, Catalogue
from devices.parameters import Parameters, facts, range_text
from materials import FluidCard, Material, known_materials
from protocols.catalogue import PROTOCOLS


def show(what: str | None) -> None:
    """Print names and titles of everything, or one kind with all its parameters."""
    console = Console(highlight=False)
    if what is None:
        for title, catalogue in (("Devices", DEVICES), ("Protocols", PROTOCOLS)):
            console.print(f"[bold]{title}[/bold]")
            for entry in catalogue.entries():  # type: ignore[attr-defined]
                console.print(f"  {entry.name:<18} {entry.cls.title()}")
        console.print("[bold]Materials[/bold]")
        for name, card in known_materials(None, Material).items():
            console.print(f"  {name:<27} {card.title}")
        console.print("[bold]Fluids[/bold]")
        for name, fluid in known_materials(None, FluidCard).items():
            console.print(f"  {name:<27} {fluid.title}")
        console.print("\nParameters: benchtwin list devices, benchtwin list protocols")
    elif what == "materials":
        _materials(console)
    else:
        _parameters(console, DEVICES if what == "devices" else PROTOCOLS)  # type: ignore[arg-type]


def _parameters(console: Console, catalogue: Catalogue[Parameters]) -> None:
    for entry in catalogue.entries():
        table = Table(title=f"{entry.name}: {entry.cls.title()}", title_justify="left", expand=False)
        for column in ("parameter", "default", "range", "description", "source"):
            table.add_column(column, no_wrap=column == "parameter")
        for name, field in entry.cls.model_fields.items():
            known = facts(field)
            default = f"{field.default:g}" if isinstance(field.default, float | int) else str(field.default)
            range_ = range_text(field) or ", ".join(known.get("options", []))
            table.add_row(name, f"{default} {known['unit']}", range_, field.description, known["source"])
        console.print(table)


def _materials(console: Console) -> None:
    table = Table(title="materials (* assumed)", title_justify="left")
    columns = ("young_modulus", "poisson_ratio", "density", "yield_strength", "tensile_strength", "endurance_limit")
    table.add_column("name", no_wrap=True)
    for column in columns:
        table.add_column(column.replace("_", " "), justify="right")
    for name, card in known_materials(None, Material).items():
        cells = []
        for column in columns:
            constant = getattr(card, column)
            mark = "" if constant is None or constant.verified else " *"
            cells.append("-" if constant is None else f"{constant.value:g} {constant.unit}{mark}")
        table.add_row(name, *cells)
    console.print(table)
