"""The pages: read state, call the engine, draw."""
