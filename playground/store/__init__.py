"""What is kept of runs: curves in SQLite, weights in safetensors, and what can be read from both."""
