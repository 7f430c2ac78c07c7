"""The files people exchange: a room each for ledgers in and out, letters, reports, case files and diagrams.

Rooms here know files and formats and no database: they are given values and give back values or bytes.
`checkpoint_marks` draws the journal's checkpoint; `event_log` writes the logs that process-mining programs read, and
`event_log_in` reads those of any house.
"""

__all__ = [
    "case_file",
    "checkpoint_marks",
    "diagrams",
    "event_log",
    "event_log_in",
    "ledger_in",
    "ledger_out",
    "letters",
    "reports",
]
