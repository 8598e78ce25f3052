"""A noisy sine predicted from its own past, in NumPy (d2l 8.1), trained while a page is drawn."""
