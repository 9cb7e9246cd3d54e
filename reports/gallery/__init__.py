"""The gallery: one page that lists all runs, studies and comparisons of a results folder; as a file, and served."""
