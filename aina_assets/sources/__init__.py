"""Upstream publishers' files: locked, acquired, verified, read.

- `lock`, `acquire`: what is expected of each file, and bringing it to hand from a lane;
- `upstream/`: the network: the live lane, the BLS API, drift, proposed locks;
- `readers/`, `tables/`: what a file says, and the contracts that its rows keep;
- `catalog`, `make`: every source with its readers, and making its tables where files changed;
- `rules`, `leaks`, `expectations`, `receipts`: what must hold, and what is stated of it.

What belongs here: rows as the source gives them, typed. What does not: joins between sources; those are
the warehouse's.
"""
