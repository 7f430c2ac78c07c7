"""Peers beside us: each takes the same step with the same writes and the same durability, as its own pages recommend.

`python -m benchmarks.peers` runs whatever of the extra `peers` is installed and says what is missing. The step: read a
case, ask whether it may go from received to assigned, write its state, one journal row, one deadline that ends and one
that begins, in one commit that reaches the disk. Peers that keep no journal or deadlines get these as plain rows.
"""
