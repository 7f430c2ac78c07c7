"""The declared workflows and lists, and the loader that reads them; no logic."""
