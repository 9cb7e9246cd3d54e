"""Sparse matrices of small dense blocks, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from solvers.kernels.library import Kernels

Array = NDArray[np.float64]
Integers = NDArray[np.int32]

WIDE = 8  # numbers that a kernel reads at once (kernels/aggregation.c)


@dataclass(frozen=True)
class BlockRows:
    """A matrix of (n, width) blocks, many of which are zero and not there.

    Attributes
    ----------
    pointers : (n + 1,) int32 array
        Where the blocks of each row begin.
    columns : (k,) int32 array
    blocks : (k, a, b) array
    width : int
    """

    pointers: Integers
    columns: Integers
    blocks: Array
    width: int

    @classmethod
    def stacked(cls, matrices: Sequence[BlockRows]) -> BlockRows:
        """The rows of matrices of one width, one after the other."""
        lengths = np.concatenate([np.diff(matrix.pointers) for matrix in matrices])
        columns, blocks = (np.concatenate([getattr(m, name) for m in matrices]) for name in ("columns", "blocks"))
        return cls(_pointers(lengths), columns, blocks, matrices[0].width)

    def some_rows(self, numbers: NDArray[np.integer[Any]]) -> BlockRows:
        """The matrix of these rows, in their order."""
        starts, lengths = self.pointers[numbers], np.diff(self.pointers)[numbers]
        pointers = _pointers(lengths)
        places = np.repeat(starts - pointers[:-1], lengths) + np.arange(pointers[-1], dtype=np.int32)
        return BlockRows(pointers, self.columns[places], self.blocks[places], self.width)

    @property
    def count(self) -> int:
        """Of rows."""
        return len(self.pointers) - 1

    @cached_property
    def rows(self) -> Integers:
        """The row (k,) of each block."""
        return np.repeat(np.arange(self.count, dtype=np.int32), np.diff(self.pointers))

    @cached_property
    def diagonal(self) -> Integers:
        """Where the block of each row on the diagonal is (n,); each must have one."""
        places = np.flatnonzero(self.columns == self.rows).astype(np.int32)
        assert len(places) == self.count
        return places

    def times(self, x: Array) -> Array:
        """Product with a vector."""
        return np.asarray(self.in_scipy() @ x)

    def in_scipy(self) -> Any:
        """The same matrix as one of scipy's."""
        _, a, b = self.blocks.shape
        shape = (a * self.count, b * self.width)
        return scipy.sparse.bsr_array((self.blocks, self.columns, self.pointers), shape=shape, blocksize=(a, b))

    def product(self, other: BlockRows, kernels: Kernels) -> BlockRows:
        """Product with a matrix whose blocks have six columns, in the precision of the kernels: double."""
        pattern = self._pattern() @ other._pattern()
        pattern.sort_indices()
        pointers, columns = pattern.indptr.astype(np.int32), pattern.indices.astype(np.int32)
        a, b = self.blocks.shape[1:]
        blocks = np.zeros((len(columns), a, other.blocks.shape[2]))
        place = np.empty(other.width, dtype=np.int32)
        mine = self.pointers, self.columns, np.ascontiguousarray(self.blocks)
        others = other.pointers, other.columns, padded(other.blocks, np.dtype(np.float64))
        kernels.call("multiply", a, b, self.count, *mine, *others, pointers, columns, blocks, place)
        return BlockRows(pointers, columns, blocks, other.width)

    def transposed(self) -> BlockRows:
        """The transposed matrix, each block transposed too."""
        order = np.argsort(self.columns, kind="stable")
        blocks = np.ascontiguousarray(self.blocks[order].transpose(0, 2, 1))
        return BlockRows(pointers_of(self.columns, self.width), self.rows[order], blocks, self.count)

    def _pattern(self) -> Any:
        ones = np.ones(len(self.columns), dtype=np.int32)
        return scipy.sparse.csr_array((ones, self.columns, self.pointers), shape=(self.count, self.width))


def total(matrices: Sequence[BlockRows]) -> BlockRows:
    """The sum of matrices, in the order in which they are given."""
    first, *others = (matrix.in_scipy() for matrix in matrices)
    for other in others:
        first = first + other
    first.sort_indices()
    return BlockRows(first.indptr.astype(np.int32), first.indices.astype(np.int32), first.data, matrices[0].width)


def pointers_of(rows: Integers, count: int) -> Integers:
    """Where each of ``count`` rows begins, in an order in which they do not fall."""
    return _pointers(np.bincount(rows, minlength=count))


def _pointers(lengths: NDArray[Any]) -> Integers:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)


def padded(values: Array, dtype: np.dtype[Any]) -> NDArray[Any]:
    """The numbers in one row, and room for a kernel to read beyond them."""
    found = np.zeros(values.size + WIDE, dtype=dtype)
    found[: values.size] = values.ravel()
    return found
