"""The returns that units owe: opened for each period, filled from the register, filed."""

__all__ = ["filing", "owed", "unfiled"]
