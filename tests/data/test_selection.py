"""No object stands in two splits, whatever its pictures are called."""

import os
from copy import deepcopy
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from astrogan.base import AstroganError
from astrogan.data import objects
from astrogan.data.config import TilesConfig
from astrogan.data.prepare import prepare_tiles
from astrogan.data.sources import list_source
from astrogan.data.split import group, left_out, split_groups

# Each stood in training and test under two names.
ALIASES = {
    "M 51": ["whirlpool-galaxy", "ngc-5194", "arp-85-m51"],
    "SN 1987A": ["supernova-1987a", "sn1987a-ring"],
    "V838 Mon": ["v838-monocerotis-light-echo", "734502-v838"],
    "IC 4553": ["arp-220", "ic-4553"],
    "M 15": ["globular-cluster-m15", "ngc-7078"],
    "Jupiter": ["jupiter", "red-spots-on-jupiter", "jupiter-and-ganymede", "ganymede"],
}


@pytest.fixture
def aliases(tmp_path, picture):
    """A folder of pictures that differ, named by `ALIASES`, and of others without a name."""
    names = [name for listed in ALIASES.values() for name in listed] + [f"picture-{i}" for i in range(8)]
    for seed, name in enumerate(names):
        Image.fromarray(picture(seed, 64, 64)).save(tmp_path / f"{name}.png")
    return tmp_path


def splits_of(root: Path, **values) -> pd.DataFrame:
    """The images of a folder as they are split by name alone."""
    config = TilesConfig(source=f"folder:{root}", **values)
    entries = list_source(config).entries
    table = pd.DataFrame([vars(entry) for entry in entries])
    table["observation"] = group(table.objects, table.observation)
    table["split"] = table.observation.map(split_groups(table, config))
    return table[~left_out(table, config)]


def divided(table: pd.DataFrame) -> list[str]:
    """Objects whose pictures stand in more than one split."""
    splits = table[["objects", "split"]].explode("objects").dropna().groupby("objects")["split"].nunique()
    return sorted(splits.index[splits > 1])


def test_no_object_stands_in_two_splits(aliases, tmp_path):
    config = TilesConfig(source=f"folder:{aliases}", size=32, valid_fraction=0.3, test_fraction=0.3)
    for seed in range(6):
        tiles = prepare_tiles(config.model_copy(update={"split_seed": seed}), tmp_path / "cache")
        for called, names in ALIASES.items():
            mine = tiles.table[tiles.table.file.isin([f"{name}.png" for name in names])]
            assert mine["split"].nunique() == 1, f"{called} stands in two splits"
            assert set(mine["observation"]) == {called}
    assert tiles.counts["images_without_object"] == 8
    assert sum(tiles.counts["images_by_split"].values()) == tiles.counts["used_images"] == 23


def test_a_broken_table_of_aliases_is_seen(aliases, monkeypatch):
    """What the test above would see if the table forgot one name."""
    facts = deepcopy(objects.table())
    next(row for row in facts["same"] if "Whirlpool Galaxy" in row).remove("Whirlpool Galaxy")
    assert not any(divided(splits_of(aliases, split_seed=seed, test_fraction=0.4)) for seed in range(6))
    monkeypatch.setattr("astrogan.data.objects.read_names", lambda: objects.names_of(facts))
    tables = [splits_of(aliases, split_seed=seed, test_fraction=0.4).set_index("name")["split"] for seed in range(6)]
    assert any(table["whirlpool-galaxy.png"] != table["ngc-5194.png"] for table in tables)


def test_the_manifest_says_what_a_picture_shows_and_what_serves_training_alone(aliases, tmp_path):
    rows = ["file,object,title,train_only,credit,licence"]
    rows += ["picture-0.png,NGC 5194,,,Someone,CC BY-NC 2.0", "picture-1.png,Fried Egg,,yes,By CC BY 4.0,CC BY 4.0"]
    rows += ["picture-2.png,Fried Egg,,no,,", "picture-3.png,,Saturn seen from M 31,false,,CC0", "picture-4.png,,,,,"]
    (tmp_path / "manifest.csv").write_text("\n".join(rows))
    entries = list_source(TilesConfig(source=f"folder:{aliases}")).entries
    assert [entry.objects for entry in entries] == [("M 51",), ("Fried Egg",), ("Fried Egg",), ("M 31", "Saturn"), ()]
    assert [entry.train_only for entry in entries] == [False, True, False, False, False]
    assert [entry.credit for entry in entries] == ["Someone, CC BY-NC 2.0", "By CC BY 4.0", "", "CC0", ""]
    photographs = list_source(TilesConfig(source=f"folder:{aliases}", kind="photographs")).entries
    assert not any(entry.objects for entry in photographs)
    (tmp_path / "manifest.csv").write_text("file,train_only\npicture-0.png,perhaps\n")
    with pytest.raises(AstroganError, match=r"train_only of 'picture-0\.png' is 'perhaps'"):
        list_source(TilesConfig(source=f"folder:{aliases}"))


def test_folds_need_more_than_the_sample():
    with pytest.raises(AstroganError, match="too few images for folds"):
        list_source(TilesConfig(folds=5))


def test_a_limit_counts_the_tiles_of_all_images_of_an_object(aliases, tmp_path):
    config = TilesConfig(source=f"folder:{aliases}", size=32, tiles_per_observation=3, held_out_tiles_per_observation=2)
    table = prepare_tiles(config, tmp_path / "cache").table
    sizes = table.groupby(["split", "observation"]).size()
    assert set(sizes["train"]) == {3}
    assert set(sizes["valid"]) == set(sizes["test"]) == {2}


@pytest.mark.skipif("ASTROGAN_DATA" not in os.environ, reason="needs the images that ASTROGAN_DATA names")
@pytest.mark.parametrize("profile", ["cpu", "gpu", "paper"])
def test_no_object_of_the_real_images_stands_in_two_splits(profile):
    from astrogan.experiments import load_profile

    config = load_profile(Path(__file__).parents[2] / "workflow" / "profiles" / f"{profile}.yaml").astronomy
    root = Path(os.environ["ASTROGAN_DATA"]) / "astro"
    table = splits_of(root, **config.model_dump(exclude={"source"}))
    assert divided(table) == []
    objects_by_split = table.groupby("split")["observation"].nunique()
    assert objects_by_split["test"] == pytest.approx(75, abs=4)
    assert objects_by_split["valid"] == pytest.approx(30, abs=3)
    assert not table[table.split != "train"]["name"].str.startswith(("nasa-", "esahubble256-")).any()
    for name in ("whirlpool-galaxy", "supernova-1987a", "v838-monocerotis", "arp-220", "m15", "jupiter"):
        assert table[table.name.str.contains(name)]["split"].nunique() == 1
