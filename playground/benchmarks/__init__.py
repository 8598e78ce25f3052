"""Measurements: `python -m playground bench …`, as ratios against a plain reference of the same run."""
