"""What a trained network, or a counted text, does: it writes, fills blanks, is surprised, remembers."""
