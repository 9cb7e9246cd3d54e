"""Errors of the geometry room."""

from __future__ import annotations

from collections.abc import Iterable


class GeometryError(ValueError):
    """A solid that cannot be built or meshed from these parameters.

    Parameters
    ----------
    message : str
        What is wrong, in the engineer's words.
    parameters : iterable of str
        Names of the parameters in conflict.
    """

    def __init__(self, message: str, parameters: Iterable[str] = ()) -> None:
        self.parameters = tuple(parameters)
        names = f" (parameters in conflict: {', '.join(self.parameters)})" if self.parameters else ""
        super().__init__(message + names)
