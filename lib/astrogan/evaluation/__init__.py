"""Predictions, corrected and published metrics, distribution metrics, intervals."""
