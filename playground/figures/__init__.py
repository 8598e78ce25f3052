"""Records → `go.Figure`."""
