"""Basics: what comes before a network."""
