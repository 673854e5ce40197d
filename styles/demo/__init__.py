"""The demo styles: documents that are served, and what they are made from."""
