"""A text through any checkpoint, or through its n-grams, for whoever asks: pages, routes, commands."""
