"""How the runs of a study are done: who does which, what became of them, and that nothing is lost."""
