"""Pictures and the design-review report of a finished run, from its folder alone."""
