"""The browser's face of the ledger: a page parses, calls one operation and renders; no rule lives here.

`app` puts it together, `pool` gives each thread a ledger of its own, `guard` lets nothing in from elsewhere,
`pages` has one module for each kind of page. It knows no workflow by name: forms, lists and steps come from
what the ledger has adopted.
"""

__all__ = ["app", "desk_settings", "house_tools", "server"]
