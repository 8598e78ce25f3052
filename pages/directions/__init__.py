"""Two directions: a trap, an honest use, and what the states know."""
