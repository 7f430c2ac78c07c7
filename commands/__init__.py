"""One file per noun: parse, call one operation, print."""
