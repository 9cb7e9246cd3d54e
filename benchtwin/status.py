"""Exit statuses of the command: part of its contract with scripts."""

DONE, ERROR, WRONG_INPUT, NOT_CONVERGED = 0, 1, 2, 3
