"""Numbers of figures, tables and equations, in the order in which they stand, for references from anywhere."""

from __future__ import annotations

from markupsafe import Markup


class Numbering:
    """Counts while a page is rendered once, and knows all numbers when it is rendered again.

    A reference may stand before what it refers to; the first rendering is thrown away.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, tuple[str, int]] = {}
        self._counts: dict[str, int] = {}
        self._known: dict[str, tuple[str, int]] | None = None

    def begin(self) -> None:
        """Start a rendering; after the first, references must hold."""
        if self._counts:
            self._known = self._numbers
        self._numbers, self._counts = {}, {}

    def number(self, kind: str, name: str) -> str:
        """The next number of a kind ("Figure", "Table", "Equation"), for what is called ``name``."""
        self._counts[kind] = count = self._counts.get(kind, 0) + 1
        self._numbers[name] = kind, count
        return f"{kind} {count}"

    def ref(self, name: str) -> Markup:
        """A link to what is called ``name``.

        Raises
        ------
        KeyError
            If there is none.
        """
        if self._known is None:
            return Markup("?")
        kind, count = self._known[name]
        return Markup('<a href="#{}">{}\N{NO-BREAK SPACE}{}</a>').format(name, kind, count)

    def has(self, name: str) -> bool:
        """Whether there is something of that name."""
        return self._known is not None and name in self._known
