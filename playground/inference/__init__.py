"""What a trained model does: writing, for now."""
