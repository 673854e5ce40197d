"""What a map must look like: colours computed, labels counted, pictures taken."""
