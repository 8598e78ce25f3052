"""Gradients: clipping, the cliff, reach."""
