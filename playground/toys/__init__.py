"""The lessons' small engines: NumPy alone, seconds at most."""
