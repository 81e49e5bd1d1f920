"""Sources -> manifest -> verified tiles (uint8 memory map) -> batches."""
