"""One module per step; a step is never changed once it was shipped."""

__all__ = []
