"""The steps from one version of the tables to the next, run by `engine.store.schema` only."""

__all__ = []
