"""Figures: functions from a run to a figure, and the registry of them all."""

from astrogan.report.figures.registry import FIGURES, save_figures

__all__ = ["FIGURES", "save_figures"]
