"""Write: how a network goes on with a text, and what surprises it."""
