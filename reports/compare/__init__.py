"""Runs of one device under one test, side by side: what differs, and whether a difference is real."""
