"""The gate lens."""
