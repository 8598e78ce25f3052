"""The gate lens' parts."""
