"""Errors of the solvers: each names a cause and, where there is one, a remedy."""

from __future__ import annotations


class SolverError(RuntimeError):
    """A problem that was not solved. There is no answer to use."""


class NotHeld(SolverError):
    """The body can move without deforming: the supports leave a rigid-body motion free."""
