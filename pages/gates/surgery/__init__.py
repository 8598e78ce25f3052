"""Surgery: hold a network's units or gates, see what it writes then, and what it loses."""
