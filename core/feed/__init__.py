"""The change feed: what changed, by whom, where, and what the listener did about it."""
