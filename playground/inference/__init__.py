"""What a trained network, or a counted text, does: it writes, fills in blanks, is surprised, and remembers."""
