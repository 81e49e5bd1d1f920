"""How the report looks pre-trained weights up: as the run did, so that all its numbers have or lack them together."""

from pathlib import Path

from astrogan.models.weights import Find, recorded_weights, resolve


def weights_of(predictions: Path) -> Find:
    """Find weights by the `weights.json` of the run that `predictions` lies in; anew, and offline, where it has none."""
    record = predictions.parent.parent / "weights.json"
    return recorded_weights(str(record)) if record.is_file() else resolve
