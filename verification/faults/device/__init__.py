"""What is given to studies as a user's own file; alone in its folder, since a run depends on all that is beside it."""
