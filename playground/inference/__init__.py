"""What a trained model, or a counted text, does: it writes, is surprised, fills in blanks, and reaches back."""
