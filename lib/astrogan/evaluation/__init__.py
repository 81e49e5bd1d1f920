"""Measuring: a registry of metrics, one engine, intervals and comparisons. The report reads its files through `Results`."""

from astrogan.evaluation.comparison import Estimate
from astrogan.evaluation.metrics import METRICS, Metric, metrics_in
from astrogan.evaluation.results import MeasuredRow, Results

__all__ = ["METRICS", "Estimate", "MeasuredRow", "Metric", "Results", "metrics_in"]
