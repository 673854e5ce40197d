"""Loads and holds: a relation is brought to new content by writing only what differs."""
