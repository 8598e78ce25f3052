"""A noisy sine predicted from its own past, in NumPy: d2l's first sequence model, trained while a page is drawn."""
