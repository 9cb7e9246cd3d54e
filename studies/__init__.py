"""Runs: the mesh ladder, execution in a process of its own, and the run store."""
