"""The benchmark: Graticule and its peers in one run, on one database, over the same addresses.

`script/bench` runs it, docs/performance.md says what it measures and what came out. The rooms:
`datasets` loads real data, `addresses` makes lists of tiles with a seed, `servers` starts and ends
what is compared, `load` asks, `cases` says what is asked of whom, `targets` compares, `report`
writes it down.
"""
