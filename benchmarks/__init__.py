"""Peers side by side: ``python -m benchmarks search|fit|predict|memory|scaling`` from the checkout.

Not part of the installed package. Every peer runs in fresh processes of its own, one after the other,
with the threads it takes by default, so nothing here should run while the machine does other work: the
load at the start stands in each report. `_peers` says who the peers are, `_candidates` what they train,
`_tables` on what.

`quality` compares scores instead: its tables, methods and results have files of their own, `_quality_*.py`.
"""
