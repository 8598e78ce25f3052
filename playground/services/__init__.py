"""A text through any checkpoint, for whoever asks: pages, routes, the command line."""
