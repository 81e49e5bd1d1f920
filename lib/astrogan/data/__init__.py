"""Sources -> verified images -> tiles (uint8 memory map) -> batches.

Parameters come with the package; what needs torch is a module of its own: `prepare` cuts tiles, `tileset` opens and shows
them, `batches` serves them, `degradation` makes low-resolution frames; `sources`, `images` and `near_duplicates` are the
steps before. The other modules are the package's own.
"""

from astrogan.data.config import SPLITS, DataStage, Split, TilesConfig, expand_source

__all__ = ["SPLITS", "DataStage", "Split", "TilesConfig", "expand_source"]
