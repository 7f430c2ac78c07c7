"""Reads and writes rows with plain statements, one transaction at a time, on both databases."""
