"""The Two directions page: a trap, an honest use, and what the states know."""
