"""The design-review report of a run: fifteen sections, none of which can be left out."""
