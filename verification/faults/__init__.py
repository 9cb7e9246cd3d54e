"""Faults put into studies on purpose, and whether anything is lost, done twice or left half done."""
