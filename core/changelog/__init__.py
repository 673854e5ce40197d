"""The change log: what changed where, written by triggers in the transaction that changed it."""
