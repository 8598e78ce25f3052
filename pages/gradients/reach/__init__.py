"""How far back gradients reach: what the lesson is put together from."""
