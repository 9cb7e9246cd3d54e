"""The report of a study: the answer, the plots behind it, every variant."""
