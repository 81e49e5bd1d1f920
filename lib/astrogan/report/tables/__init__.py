"""Tables of the report: their cells from a run's metrics, and their layout as MyST and CSV."""

from astrogan.report.tables.layout import Line, Part, Table, Value, dash, escape, signed, text

__all__ = ["Line", "Part", "Table", "Value", "dash", "escape", "signed", "text"]
