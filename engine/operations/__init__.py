"""The verbs: each reads one snapshot, lets rules decide, and writes the decision in one commit."""
