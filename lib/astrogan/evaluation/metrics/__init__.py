"""Every metric, in a registry: what tables, intervals, comparisons, cards and captions follow from."""

from astrogan.evaluation.metrics.channels import COLOURS
from astrogan.evaluation.metrics.metric import Metric, Needs, Unavailable
from astrogan.evaluation.metrics.pixels import Pairs
from astrogan.evaluation.metrics.registry import METRICS, metrics_in

__all__ = ["COLOURS", "METRICS", "Metric", "Needs", "Pairs", "Unavailable", "metrics_in"]
