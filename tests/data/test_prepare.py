import json
import logging
import resource
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from astrogan.base import AstroganError
from astrogan.data import images, prepare, selection, verify
from astrogan.data.config import TilesConfig
from astrogan.data.prepare import prepare_tiles
from astrogan.data.sources import list_source
from astrogan.data.tileset import TileSet


def config(root: Path, **values) -> TilesConfig:
    return TilesConfig(**({"source": f"folder:{root}", "size": 64, "native": True} | values))


def save(pixels: np.ndarray, path: Path, **options) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)


@pytest.fixture
def decodings(monkeypatch) -> list[str]:
    """Names of the images that were decoded."""
    names = []
    decode = verify.decode

    def counted(data, name="image"):
        names.append(name)
        return decode(data, name)

    monkeypatch.setattr(verify, "decode", counted)
    return names


def test_sample_keeps_a_hundred_tiles_in_three_bands(tmp_path):
    tiles = prepare_tiles(TilesConfig(size=64, native=True), tmp_path)
    assert len(tiles) >= 100
    assert tiles.counts["tiles"] == {"train": 117, "valid": 26, "test": 26}
    assert tiles.table["tile"].is_unique
    assert tiles.pixels.shape == (169, 64, 64, 3)
    assert tiles.pixels.dtype == np.uint8
    assert "NASA" in tiles.credits[0]
    with Image.open(list_source(TilesConfig(size=64)).entries[0].path) as image:
        pixels = np.asarray(image)
    row = tiles.indices("valid")[3]
    x, y = tiles.table.loc[row, ["x", "y"]]
    start = 9 * 64 + 64
    np.testing.assert_array_equal(tiles.pixels[row], pixels[y : y + 64, start + x : start + x + 64])


def test_sample_drops_blank_sky(tmp_path):
    limits = {"tiles_per_observation": 24, "held_out_tiles_per_observation": 24}
    tiles = prepare_tiles(TilesConfig(size=32, native=True, **limits), tmp_path)
    assert tiles.counts["blank_tiles"] > 50
    assert tiles.counts["tiles"]["train"] == tiles.counts["tiles"]["valid"] == tiles.counts["tiles"]["test"] == 24


def test_sample_photographs(tmp_path):
    tiles = prepare_tiles(TilesConfig(kind="photographs", size=64, test_fraction=0.0), tmp_path)
    assert tiles.counts["observations"] == {"train": 6, "valid": 1, "test": 0}
    stereo = tiles.table[tiles.table["observation"] == "motorcycle"]
    assert stereo["file"].nunique() == 2
    assert stereo["split"].nunique() == 1


def test_tiles_are_the_pixels_of_their_files(folder, tmp_path):
    root = folder(6)
    tiles = prepare_tiles(config(root), tmp_path / "cache")
    assert len(tiles) == 6 * 6
    assert (len(tiles.frames), tiles.counts["drawn_images"]) == (0, 0)
    for row in tiles.table.itertuples():
        assert row.tile == f"{row.file}@{row.x},{row.y}"
        assert row.window == 64
        pixels = images.read_image(root / row.file)[row.y : row.y + 64, row.x : row.x + 64]
        np.testing.assert_array_equal(tiles.pixels[row.Index], pixels)
    assert set(tiles.table.groupby("observation")["split"].nunique()) == {1}
    assert sorted(np.concatenate([tiles.indices(s) for s in ("train", "valid", "test")])) == list(range(36))


def bicubic(image: np.ndarray, height: int, width: int) -> np.ndarray:
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC))


def test_scenes_are_scaled_before_they_are_cut(folder, tmp_path):
    """A whole scene of 200 x 160 px in one tile of 64, and 2 x 2 at twice the scale."""
    root = folder(6)
    tiles = prepare_tiles(config(root, native=False), tmp_path / "cache")
    assert tiles.table.groupby("file").size().tolist() == [5] * 6
    for row in tiles.table.itertuples():
        assert row.tile == f"{row.file}@{row.x},{row.y},{row.window}"
        side = round(64 * 160 / row.window)
        scaled = bicubic(images.read_image(root / row.file), side, round(200 * side / 160))
        x, y = (round(place * side / 160) for place in (row.x, row.y))
        np.testing.assert_array_equal(tiles.pixels[row.Index], scaled[y : y + 64, x : x + 64])
    assert set(tiles.table.window) == {160, 80}


def test_training_draws_from_its_own_images_alone_scaled_down_never_up(folder, tmp_path, picture):
    root = folder(8, 200, 300)
    save(picture(50, 90, 70), root / "small.png")
    tiles = prepare_tiles(config(root, native=False, train_only_prefixes=["small"]), tmp_path / "cache")
    training = tiles.table[tiles.table.split == "train"]
    assert set(tiles.frames.file) == set(training.file)
    assert tiles.counts["drawn_images"] == len(tiles.frames) == len(tiles.drawn) < 9
    for item, row in zip(tiles.drawn, tiles.frames.itertuples(), strict=True):
        image = images.read_image(root / row.file)
        expected = image if row.file == "small.png" else bicubic(image, 128, 192)
        np.testing.assert_array_equal(tiles.picture(item), expected)
    assert "small.png" in set(tiles.frames.file)
    np.testing.assert_array_equal(tiles.picture(3), tiles.pixels[3])
    reopened = TileSet.open(tiles.folder)
    np.testing.assert_array_equal(reopened.picture(tiles.drawn[-1]), tiles.picture(tiles.drawn[-1]))


def test_limits_of_fixed_tiles_do_not_limit_what_is_drawn(folder, tmp_path):
    root = folder(6)
    (root / "manifest.csv").write_text("file,observation\n" + "\n".join(f"image-{i:02}.png,{i // 2}" for i in range(6)))
    tiles = prepare_tiles(config(root, native=False, tiles_per_observation=1), tmp_path / "cache")
    assert tiles.counts["tiles"]["train"] == tiles.counts["observations"]["train"] == 1
    assert tiles.counts["drawn_images"] == 2


def test_training_on_fixed_tiles_draws_from_no_image(folder, tmp_path):
    root = folder(6)
    anew, fixed = (prepare_tiles(config(root, native=False, fixed=each), tmp_path / "cache") for each in (False, True))
    assert (len(anew.frames), len(fixed.frames)) == (len(set(anew.table.file[anew.table.split == "train"])), 0)
    assert fixed.drawn.tolist() == fixed.indices("train").tolist()
    np.testing.assert_array_equal(fixed.pixels, anew.pixels)


def test_an_image_without_a_usable_tile_is_not_drawn_from(folder, tmp_path):
    root = folder(5)
    dark = np.zeros((160, 200, 3), np.uint8)
    dark[:, :, 2] = np.arange(200) // 20  # in colour, or it were greyscale
    save(dark, root / "train-dark.png")
    tiles = prepare_tiles(config(root, native=False, train_only_prefixes=["train-"]), tmp_path / "cache")
    assert "train-dark.png" not in {*tiles.frames.file, *tiles.table.file}
    assert (tiles.counts["blank_tiles"], tiles.counts["grid_tiles"]) == (5, 30)


@pytest.mark.parametrize(
    "scales", [[0.5, 2.0], [2.0, 1.0], [1.0, float("inf")], [float("nan"), 2.0], [1.0], [1.0, 1.5, 2.0]], ids=str
)
def test_scales_that_are_no_range_are_refused(scales):
    with pytest.raises(AstroganError, match="scales"):
        TilesConfig.checked(scales=scales)


def test_scales_come_from_files_as_lists():
    read = TilesConfig.checked(**json.loads(json.dumps(TilesConfig(scales=[1, 1.5], size=100).model_dump())))
    assert (read.scales, read.sides) == ([1.0, 1.5], (100, 150))
    assert TilesConfig(scales=[1.5, 1.5], size=100).sides == (150,)
    assert TilesConfig(native=True).sides == ()


def test_another_cut_is_measured_anew_and_another_kind_is_not(folder, tmp_path, decodings):
    root, cache = folder(6), tmp_path / "cache"
    found = {}
    for scales, native in (((1.0, 2.0), False), ((1.0, 1.5), False), ((1.0, 2.0), True)):
        found[scales, native] = prepare_tiles(config(root, scales=list(scales), native=native), cache)
        assert len(decodings) == 12
        decodings.clear()
    assert len({tiles.digest for tiles in found.values()}) == 3
    prepare_tiles(config(root, native=False, kind="photographs"), cache)
    assert len(decodings) == 6


def test_every_bad_file_is_set_aside_with_its_reason(folder, tmp_path, picture):
    root = folder(6)
    whole = (root / "image-00.png").read_bytes()
    (root / "cut.png").write_bytes(whole[: len(whole) // 2])
    (root / "empty.jpg").touch()
    (root / "page.jpg").write_text("<html>")
    save(np.zeros((1, 1, 3), np.uint8), root / "dot.png")
    frames = [Image.fromarray(picture(seed)) for seed in (1, 2)]
    frames[0].save(root / "moving.gif", save_all=True, append_images=frames[1:])
    save(np.repeat(picture(50)[..., :1], 3, axis=2), root / "grey.png")
    save(picture(51, 50, 200), root / "small.png")
    save(np.zeros((128, 128, 3), np.uint8), root / "dark.png")
    (root / "notes.txt").write_text("x")
    (root / "dangling.png").symlink_to(root / "nowhere.png")
    tiles = prepare_tiles(config(root), tmp_path / "cache")
    reasons = tiles.counts["quarantined"]
    assert {name: reason.split(";")[0].split(" (")[0] for name, reason in reasons.items()} == {
        "cut.png": "damaged or truncated",
        "dangling.png": "no such file",
        "dot.png": "1 x 1 px",
        "empty.jpg": "the file is empty",
        "moving.gif": "2 frames",
        "page.jpg": "not a readable image",
    }
    assert all("expected" in reason and reason.count(";") == 2 for reason in reasons.values())
    counts = tiles.counts
    # a black image has no colour either
    assert (counts["images"], counts["greyscale_images"], counts["too_small_images"]) == (15, 2, 1)
    assert (counts["used_images"], counts["ignored_files"]) == (6, 1)


def test_white_border_and_blank_tiles_are_counted(folder, tmp_path, picture):
    root = folder(3, 128, 192)
    preview = np.minimum(picture(9, 128, 192), 240)
    preview[:64, :64] = 255
    preview[64:, :64] = 0
    save(preview, root / "preview.png")
    counts = prepare_tiles(config(root), tmp_path / "cache").counts
    assert (counts["grid_tiles"], counts["white_tiles"], counts["blank_tiles"]) == (24, 1, 1)
    assert counts["white_border_images"] == 1


def test_near_duplicates_become_one_observation(folder, tmp_path):
    root = folder(8)
    for seed in (2, 5):
        image = Image.open(root / f"image-{seed:02}.png")
        image.resize((150, 120)).save(root / f"copy-{seed}.jpg", quality=60)
    tiles = prepare_tiles(config(root), tmp_path / "cache")
    groups, counts = tiles.table.groupby("observation")["file"].unique(), tiles.counts
    copies = [["copy-2.jpg", "image-02.png"], ["copy-5.jpg", "image-05.png"]]
    assert sorted(sorted(files) for files in groups if len(files) > 1) == copies
    assert [pair[:2] for pair in counts["duplicate_pairs"]] == copies
    assert (counts["observations_before_grouping"], counts["observations_after_grouping"]) == (10, 8)


def test_a_duplicate_left_across_the_split_is_an_error(folder, tmp_path, monkeypatch):
    root = folder(5)
    for seed in range(5):
        shutil.copy(root / f"image-{seed:02}.png", root / f"copy-{seed}.png")
    monkeypatch.setattr(selection, "find_duplicates", lambda *_, **__: [])
    for _ in range(2):  # nor does a second call take what the first left
        with pytest.raises(
            AstroganError, match=r"are in two splits: .*correlation 1\.00.*one `observation` in manifest"
        ):
            prepare_tiles(config(root), tmp_path / "cache")


def test_manifest_observations_and_hashes_are_heeded(folder, tmp_path):
    root = folder(6)
    rows = [f"image-{i:02}.png,{i // 2},{'0' * 64 if i == 5 else ''}" for i in range(6)]
    (root / "manifest.csv").write_text("file,observation,sha256\n" + "\n".join(rows))
    tiles = prepare_tiles(config(root), tmp_path / "cache")
    assert "the manifest expects 000000000000" in tiles.counts["quarantined"]["image-05.png"]
    assert tiles.table.groupby("observation")["file"].nunique().to_dict() == {"0": 2, "1": 2, "2": 1}


def test_limits_count_tiles_of_an_observation(folder, tmp_path):
    root = folder(6)
    cache = tmp_path / "cache"
    limited = prepare_tiles(config(root, tiles_per_observation=2, held_out_tiles_per_observation=3), cache)
    sizes = limited.table.groupby(["split", "observation"]).size()
    assert set(sizes["train"]) == {2}
    assert set(sizes["valid"]) == set(sizes["test"]) == {3}
    again = prepare_tiles(config(root, tiles_per_observation=3, held_out_tiles_per_observation=3), cache)
    assert set(limited.table["tile"]) < set(again.table["tile"])


def test_prefixes_and_no_test(folder, tmp_path):
    root = folder(8)
    for i in range(4):
        (root / f"image-{i:02}.png").rename(root / f"nasa-{i}.png")
    fractions = {"test_fraction": 0.0, "valid_fraction": 0.3}
    tiles = prepare_tiles(config(root, train_only_prefixes=["nasa-"], **fractions), tmp_path / "c")
    assert set(tiles.table[tiles.table["file"].str.startswith("nasa-")]["split"]) == {"train"}
    assert tiles.counts["tiles"]["test"] == 0
    other = prepare_tiles(config(root, exclude_prefixes=["nasa-"], **fractions), tmp_path / "c")
    assert not other.table["file"].str.startswith("nasa-").any()
    assert other.counts["excluded_images"] == 4


def test_too_few_observations(folder, tmp_path):
    with pytest.raises(AstroganError, match="has 2 usable objects"):
        prepare_tiles(config(folder(2)), tmp_path / "cache")


def test_nothing_usable_says_why(tmp_path):
    root = tmp_path / "tree"
    root.mkdir()
    (root / "a.png").write_bytes(b"x")
    save(np.full((99, 99, 3), 9, np.uint8), root / "b.png")
    with pytest.raises(AstroganError, match=r"of 2, 1 quarantined, 1 greyscale\. First: a\.png: not a readable"):
        prepare_tiles(config(root), tmp_path / "cache")


def test_a_second_call_decodes_nothing(folder, tmp_path, decodings):
    root, cache = folder(6), tmp_path / "cache"
    first = prepare_tiles(config(root), cache)
    assert len(decodings) == 12  # once to verify, once to cut
    decodings.clear()
    second = prepare_tiles(config(root), cache)
    assert decodings == []
    assert first.digest == second.digest
    pd.testing.assert_frame_equal(first.table, second.table)
    assert first.counts == second.counts


def test_only_a_changed_file_is_verified_again(folder, tmp_path, decodings, picture):
    root, cache = folder(6), tmp_path / "cache"
    first = prepare_tiles(config(root), cache)
    decodings.clear()
    save(picture(77), root / "image-03.png")
    second = prepare_tiles(config(root), cache)
    assert decodings.count("image-03.png") == 2
    assert decodings.count("image-01.png") == 1
    assert first.digest != second.digest


def test_the_digest_is_of_content_not_of_places(folder, tmp_path):
    first = folder(5)
    second = tmp_path / "elsewhere"
    shutil.copytree(first, second)
    a, b = prepare_tiles(config(first), tmp_path / "c1"), prepare_tiles(config(second), tmp_path / "c2")
    assert a.digest == b.digest
    assert a.digest != prepare_tiles(config(first, split_seed=1), tmp_path / "c1").digest
    assert str(tmp_path) not in json.dumps(a.summary())


DAMAGE = {
    "flip": lambda data: data[:-100] + bytes([data[-100] ^ 1]) + data[-99:],
    "cut": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
}


@pytest.mark.parametrize("damage", [*DAMAGE, "absent"])
@pytest.mark.parametrize(
    "name", ["pixels.npy", "table.csv", "frames.npy", "frames.csv", "tiles.json", "verified", "duplicates"]
)
def test_a_damaged_cache_is_cut_again(name, damage, folder, tmp_path, caplog):
    root, cache = folder(4, 100, 100), tmp_path / "cache"
    good = prepare_tiles(config(root, native=False), cache)
    pixels, table, frames, flat = np.array(good.pixels), good.table, good.frames, np.array(good.frame_pixels)
    path = good.folder / name if "." in name else next(cache.glob(f"{name}-*"))
    if damage == "absent":
        path.unlink()
    elif name == "duplicates" and damage == "flip":
        path.write_text("[[1]]")
    elif name == "tiles.json" and damage == "flip":
        path.write_text(path.read_text().replace('"pixels.npy": ', '"pixels.npy": 1'))
    else:
        path.write_bytes(DAMAGE[damage](path.read_bytes()))
    with caplog.at_level(logging.WARNING):
        again = prepare_tiles(config(root, native=False), cache)
    np.testing.assert_array_equal(again.pixels, pixels)
    np.testing.assert_array_equal(again.frame_pixels, flat)
    pd.testing.assert_frame_equal(again.table, table)
    pd.testing.assert_frame_equal(again.frames, frames)
    again.check()
    if damage != "absent":
        assert "again" in caplog.text


def test_a_full_disk_leaves_an_error_and_no_half_set(folder, tmp_path):
    root, cache = folder(4), tmp_path / "cache"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, before[1]))  # the tiles have 295,000 bytes
    try:
        with pytest.raises(AstroganError, match=r"pixels\.npy could not be saved: File too large"):
            prepare_tiles(config(root), cache)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(cache.glob("tiles-*/*"))
    prepare_tiles(config(root), cache).check()


def test_two_at_once_get_the_same_whole_tiles(folder, tmp_path):
    root = folder(5)
    with ThreadPoolExecutor(3) as pool:
        sets = list(pool.map(lambda _: prepare_tiles(config(root), tmp_path / "cache"), range(3)))
    assert len({tiles.digest for tiles in sets}) == 1
    for tiles in sets:
        tiles.check()


def test_a_file_that_changes_meanwhile_is_an_error(folder, tmp_path, monkeypatch, picture):
    root = folder(4)
    verified = prepare.verify

    def slow(*arguments):
        result = verified(*arguments)
        save(picture(33), root / "image-01.png")
        return result

    monkeypatch.setattr(prepare, "verify", slow)
    with pytest.raises(AstroganError, match=r"image-01\.png changed while it was being read"):
        prepare_tiles(config(root), tmp_path / "cache")


def test_opening_what_is_no_tile_set(tmp_path):
    with pytest.raises(AstroganError, match=r"tiles\.json does not exist"):
        TileSet.open(tmp_path)
