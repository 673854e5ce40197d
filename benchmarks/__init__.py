"""Benchmarks: they measure a running server over HTTP."""
