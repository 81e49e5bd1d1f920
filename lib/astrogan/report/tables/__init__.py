"""Tables of the report: their cells from a run's metrics, and their layout as MyST and CSV."""
