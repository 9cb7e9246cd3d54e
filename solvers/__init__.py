"""Physics on meshes with named regions.

The wheel `dolfinx-solver-real` wants its own module imported before `dolfinx`; this is the one place where that
happens. DOLFINx from conda-forge or a distribution has no such module and needs none.
"""

from contextlib import suppress

with suppress(ModuleNotFoundError):
    import dolfinx_solver  # noqa: F401
