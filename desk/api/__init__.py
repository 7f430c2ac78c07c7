"""The ledger for other programs: the same operations as the pages, by tokens, in JSON; a calendar feed; figures.

No cookie is ever read here, so no page of another site can make a browser do anything: what is asked for bears its
token in a header that only a program sets.
"""

__all__ = ["routes"]
