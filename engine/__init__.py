"""Cases, rules, dates and storage; knows no workflow by name, no channel and no file format."""
