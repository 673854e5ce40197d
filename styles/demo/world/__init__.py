"""The world style: one builder, two palettes, so that day and night differ in colours alone."""
