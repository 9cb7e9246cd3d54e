"""Parameters: numbers with a unit, bounds, a description and a source, validated in one place."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo

from geometry.units import to_house


class InputError(ValueError):
    """What the user asked for cannot be done as asked; the message says what would be right."""


def parameter(
    default: float | int | bool,
    unit: str,
    bounds: tuple[float, float] | None,
    description: str,
    *,
    source: str = "",
    verified: bool | None = None,
) -> Any:
    """Declare a number of a device or a protocol.

    Parameters
    ----------
    default : float, int or bool
        In ``unit``.
    unit : str
        House unit it is kept in: "mm", "deg", "N", "MPa", ""...
    bounds : (low, high) or None
        Both included, in ``unit``.
    description : str
    source : str
        Where the default comes from.
    verified : bool or None
        True: the source was read; False: assumed; None: a free choice of the designer.
    """
    low, high = bounds if bounds else (None, None)
    return Field(
        default,
        ge=low,
        le=high,
        description=description,
        json_schema_extra={"unit": unit, "source": source, "verified": verified},
    )


def choice(default: str, description: str, options: Iterable[str] = ()) -> Any:
    """Declare a parameter that is a word, such as the name of a material; no options: any word."""
    return Field(default, description=description, json_schema_extra={"unit": "", "options": list(options)})


class Parameters(BaseModel):
    """A frozen set of parameters; a subclass declares each with `parameter` or `choice`.

    Text with a unit is accepted for every number ("0.5in"), and converted to the unit declared.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)

    kind: ClassVar[str] = "set"

    @field_validator("*", mode="before")
    @classmethod
    def _read_units(cls, value: Any, info: ValidationInfo) -> Any:
        extra = facts(cls.model_fields[str(info.field_name)])
        if extra.get("options") and value not in extra["options"]:
            raise ValueError(f"it must be one of {', '.join(extra['options'])}")
        annotation = cls.model_fields[str(info.field_name)].annotation
        if annotation in (float, int) and not isinstance(value, bool):
            return to_house(value, extra["unit"])
        return value

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> Self:
        """Make the set from what the user typed; what is not given has its default.

        Raises
        ------
        InputError
            Naming the parameter, its value, and the range or the nearest names.
        """
        for name in settings:
            if name not in cls.model_fields:
                raise InputError(f"{cls.title()} has no parameter '{name}'{nearest(name, cls.model_fields)}")
        try:
            return cls(**settings)
        except ValidationError as error:
            raise InputError(cls._explain(error)) from error

    @classmethod
    def _explain(cls, error: ValidationError) -> str:
        lines = []
        for fault in error.errors(include_url=False):
            if not fault["loc"]:
                lines.append(str(fault["msg"]).removeprefix("Value error, "))
                continue
            name = str(fault["loc"][0])
            value, message = fault["input"], fault["msg"].removeprefix("Value error, ")
            field = cls.model_fields[name]
            unit = facts(field)["unit"]
            if fault["type"] in ("greater_than_equal", "less_than_equal"):
                shown = f"{value:g} {unit}".strip() if isinstance(value, int | float) else str(value)
                lines.append(f"{name} = {shown} is out of range: {range_text(field)}")
            elif fault["type"] == "int_from_float":
                lines.append(f"{name} = {value:g} must be a whole number, {range_text(field)}")
            else:
                allowed = f" ({range_text(field)})" if bounds(field) else ""
                lines.append(f"{name} = {value}: {message}{allowed}")
        return "; ".join(lines)

    @classmethod
    def title(cls) -> str:
        """First line of the docstring, without its full stop."""
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0].rstrip(".")


def facts(field: FieldInfo) -> dict[str, Any]:
    """Unit, source, verified and options of a declared parameter."""
    extra = field.json_schema_extra
    return {"unit": "", "source": "", "verified": None} | (dict(extra) if isinstance(extra, dict) else {})


def bounds(field: FieldInfo) -> tuple[float, float] | None:
    """Lowest and highest value allowed, in the unit declared; None if it has no bounds."""
    low = next((m.ge for m in field.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in field.metadata if hasattr(m, "le")), None)
    return None if low is None or high is None else (float(low), float(high))


def range_text(field: FieldInfo) -> str:
    """The allowed range in words, such as "8 mm to 16 mm"; "" without bounds."""
    limits, unit = bounds(field), facts(field)["unit"]
    if limits is None:
        return ""
    return f"{limits[0]:g} {unit}".strip() + " to " + f"{limits[1]:g} {unit}".strip()


def nearest(name: str, known: Iterable[str]) -> str:
    """A suggestion to end an error message with."""
    names = list(known)
    near = difflib.get_close_matches(name.lower().replace("-", "_"), names, n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(near)}?" if near else f"; known are {', '.join(sorted(names))}"
