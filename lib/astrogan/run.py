"""A run: a folder, and every path in it."""

from pathlib import Path
from typing import Any

from pydantic import Field

from astrogan.base import Config


class InRun(Config):
    """What every stage has: the run that it belongs to."""

    run: str = Field(
        "runs/interactive", description="folder of the run: checkpoints, histories, metrics, figures, tables"
    )

    @property
    def tiles_cache(self) -> Path:
        """The tile cache that all runs share."""
        return Path(self.run).parent / "tiles"

    def part(self, model: type[Config]) -> Any:
        """The fields of one parent model (`TilesConfig`, `NetworkConfig`, `PhaseConfig`, ...) as that model."""
        return model.checked(**{name: getattr(self, name) for name in model.model_fields})
