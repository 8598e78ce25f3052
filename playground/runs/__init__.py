"""Runs: kept in a store, driven by a manager, trained by an executor."""
