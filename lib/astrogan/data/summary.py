"""What a person looks at after the data stage: counts by split, and some tiles of each."""

import numpy as np
import pandas as pd
from PIL import Image

from astrogan.data.tileset import TileSet

SPLITS = ("train", "valid", "test")


def split_table(tiles: TileSet) -> pd.DataFrame:
    """Tiles and observations of each split."""
    groups = tiles.table.groupby("split")["observation"]
    return pd.DataFrame({"tiles": groups.size(), "observations": groups.nunique()}).reindex(SPLITS, fill_value=0)


def tile_grid(tiles: TileSet, columns: int = 10, side: int = 96) -> Image.Image:
    """One row of `columns` evenly chosen tiles for each split that has any, each shown `side` px wide."""
    rows = []
    for split in SPLITS:
        indices = tiles.indices(split)
        if not len(indices):
            continue
        chosen = indices[np.linspace(0, len(indices) - 1, columns).astype(int)]
        pictures = [Image.fromarray(tiles.pixels[i]).resize((side, side), Image.Resampling.BICUBIC) for i in chosen]
        rows.append(np.concatenate([np.asarray(picture) for picture in pictures], axis=1))
    return Image.fromarray(np.concatenate(rows))
