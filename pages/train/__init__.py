"""Train: a run's set-up, its live curves, the list of runs."""
