"""Days and instants: which days work, how terms are counted over them, and the way explained.

Pure: calendars are values, the shipped one is data of this room. Nobody here asks what day it is.
"""

__all__ = ["calendars", "count", "dates", "explain", "instants", "loose_dates", "moments", "scales", "walk"]
