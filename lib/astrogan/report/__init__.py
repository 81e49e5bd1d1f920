"""Figures, tables, provenance and the rendered book."""
