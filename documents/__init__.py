"""The files people exchange: ledgers, letters, reports, event logs."""
