"""A finished run or study for other programs: a deck for CalculiX and Abaqus, a workbook, fields with named regions."""

import solvers  # noqa: F401  (before any module that needs DOLFINx)
