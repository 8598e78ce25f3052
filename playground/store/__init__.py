"""The only door to the data directory: SQLite and safetensors."""
