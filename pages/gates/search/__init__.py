"""Search: mark a stretch of a run's text, see which units are on through it, and where else they are."""
