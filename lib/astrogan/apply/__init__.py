"""An astronomer's own frames: read at any size, coloured, up-scaled, stitched, written whole or not at all."""
