"""The audit: each inconsistency of the paper, demonstrated on this run's own outputs."""

from astrogan.report.audit.item import Item

__all__ = ["Item"]
