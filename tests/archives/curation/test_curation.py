"""Rules of curation on pictures made for them, and what is counted."""

import io
import time
from itertools import pairwise
from typing import get_args

import numpy as np
import pytest
from PIL import Image, ImageDraw

from astrogan.archives.curation.copies import close_pairs, copies, distance, field_names, perceptual_hash
from astrogan.archives.curation.decisions import curate
from astrogan.archives.curation.measures import colourfulness, flat_part, longest_line
from astrogan.archives.curation.rules import ORDER, RULES, Thresholds, read_overrides
from astrogan.archives.manifest import Decision, read_manifest, write_manifest
from astrogan.base import AstroganError
from astrogan.data.config import TilesConfig
from astrogan.data.sources import list_source


def stars(seed=0, side=400, count=150):
    """uint8 (side, side, 3): saturated discs of many sizes on a noisy sky."""
    rng = np.random.default_rng(seed)
    image = Image.fromarray(rng.integers(0, 40, (side, side, 3), dtype=np.uint8))
    draw = ImageDraw.Draw(image)
    for x, y, r in zip(*rng.uniform(0, side, (2, count)), rng.exponential(4, count), strict=True):
        draw.ellipse([x - r, y - r, x + r, y + r], fill=(255, 255, 255))
    return np.asarray(image)


def lettered(rgb, text="NGC 6302 WFC3/UVIS", size=22):
    image = Image.fromarray(rgb)
    ImageDraw.Draw(image).text((20, 20), text, fill=(255, 255, 255), font_size=size)
    return np.asarray(image)


def always(*_):
    return True


@pytest.fixture
def catalogue(tmp_path, row):
    """Writes pictures and their catalogue; keys are ids, values arrays or rows."""

    def write(pictures, **columns):
        rows = []
        for name, pixels in pictures.items():
            if isinstance(pixels, np.ndarray):
                Image.fromarray(pixels).save(tmp_path / f"{name}.png")
                height, width = pixels.shape[:2]
                rows.append(row(name, file=f"{name}.png", width=width, height=height, **columns.get(name, {})))
            else:
                rows.append(pixels)
        write_manifest(tmp_path / "catalogue.csv", rows)
        return tmp_path

    return write


def decisions(folder):
    return {r.id: (r.decision, r.detail) for r in read_manifest(folder / "curated.csv")}


def test_each_rule_finds_its_picture_and_all_is_counted(catalogue, picture, row):
    good = picture(0, 300, 600)
    half_white = picture(1, 300, 300).copy()
    half_white[:, :150] = 255
    folder = catalogue(
        {
            "good": good,
            "chart": row("chart", decision="chart", detail="'plot'"),
            "again": row("good"),
            "absent": row("absent"),
            "broken": row("broken", file="broken.png"),
            "small": picture(2, 255, 400),
            "text": lettered(stars(3)),
            "even": np.full((300, 300, 3), 20, np.uint8) + np.eye(300, dtype=np.uint8)[..., None],
            "white": half_white,
            "grey": np.repeat(picture(4, 300, 300)[..., :1], 3, axis=2),
            "copy": np.asarray(Image.fromarray(good).resize((520, 260), Image.Resampling.BICUBIC)),
            "other": picture(5, 300, 300),
        }
    )
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno")
    account = curate(folder)
    rows = list(read_manifest(folder / "curated.csv"))
    expected = "use chart listed-twice unusable unusable small annotated blank white-border colourless duplicate use"
    assert [r.decision for r in rows] == expected.split()
    details = {r.id: r.detail for r in rows if not r.used}
    assert details["absent"] == "not fetched"
    assert details["small"] == "400 x 255 px"
    assert details["copy"].startswith("of good: ")
    steps = {step["name"]: step for step in account.steps}
    assert list(steps) == ["listed", *RULES]
    assert steps["listed"]["images"] == 12
    assert steps["unusable"]["removed"] == 2
    assert (steps["override"]["images"], steps["override"]["observations"], steps["override"]["tiles"]) == (2, 2, 3)
    assert all(before["images"] - after["removed"] == after["images"] for before, after in pairwise(account.steps))
    assert account.examples["duplicate"][0][0] == "copy.png"
    # the rest is a source as it is
    left = list_source(TilesConfig(source=f"folder:{folder}")).entries
    assert [entry.name for entry in left] == ["good.png", "other.png"]


def test_a_person_has_the_last_word(catalogue, picture, tmp_path):
    folder = catalogue({"good": picture(0, 300, 300), "small": picture(2, 200, 400)})
    words = tmp_path / "words.csv"
    lines = ("source,id,decision,reason", "esahubble,good,exclude,a lens flare", "esahubble,small,use,rare object")
    words.write_text("\n".join(lines))
    curate(folder, overrides=words)
    assert decisions(folder) == {
        "good": ("override", "a lens flare"),
        "small": ("use", "override of small: rare object"),
    }
    curate(folder)
    assert decisions(folder)["good"] == ("use", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id,decision\n", "expected the header"),
        ("source,id,decision,reason\ne,a,keep,x\n", "line 2: decision 'keep'"),
        ("source,id,decision,reason\ne,a,use, \n", "line 2: no reason"),
        ("source,id,decision,reason\ne,a,use,x\ne,a,use,y\n", "line 3: a second decision for a"),
    ],
)
def test_overrides_of_another_form(tmp_path, text, expected):
    (tmp_path / "o.csv").write_text(text)
    with pytest.raises(AstroganError, match=expected):
        read_overrides(tmp_path / "o.csv")


def test_overrides_of_what_is_not_there(catalogue, picture, tmp_path, row):
    folder = catalogue({"good": picture(0, 300, 300), "absent": row("absent")})
    for name, expected in {"typo": "no such entry", "absent": "it has no usable file"}.items():
        (tmp_path / "o.csv").write_text(f"source,id,decision,reason\nesahubble,{name},use,x\n")
        with pytest.raises(AstroganError, match=expected):
            curate(folder, overrides=tmp_path / "o.csv")
    assert not (folder / "curated.csv").exists()


def test_thresholds_move_the_rules(catalogue, picture):
    folder = catalogue({"small": picture(2, 200, 400)})
    curate(folder, Thresholds(min_side=200))
    assert decisions(folder)["small"][0] == "use"


def test_every_decision_has_its_step():
    assert set(ORDER) == set(get_args(Decision))


def test_colourfulness_is_hasler_and_suesstrunks():
    # two flat halves, pure red and pure green: rg = +-255, yb = 127.5, by hand
    rgb = np.zeros((10, 20, 3), np.uint8)
    rgb[:, :10, 0] = rgb[:, 10:, 1] = 255
    assert colourfulness(rgb) == pytest.approx(255 + 0.3 * 127.5)
    assert colourfulness(np.full((9, 9, 3), 77, np.uint8)) == 0
    assert colourfulness(np.full((9, 9, 3), 255, np.uint8)) == 0


def test_flat_part_by_construction():
    rgb = np.zeros((32, 48, 3), np.uint8)
    rgb[:16, :16, 1] = np.arange(16)
    rgb[16:, :16, 2] = 200  # even, though bright
    assert flat_part(rgb) == 5 / 6


def test_lettering_is_found_and_stars_are_not():
    for seed in range(6):
        assert longest_line(stars(seed)) < 8
        assert longest_line(stars(seed, count=1500)) < 8
        assert longest_line(lettered(stars(seed, count=40))) >= 8
    assert longest_line(np.zeros((50, 50, 3), np.uint8)) == 0


def test_hashes_of_copies_are_near_and_of_others_far(picture):
    hashes = []
    for seed in range(12):
        rgb = picture(seed, 300, 400)
        file = io.BytesIO()
        Image.fromarray(rgb).resize((200, 150), Image.Resampling.BICUBIC).save(file, "jpeg", quality=60)
        again = np.asarray(Image.open(file))
        assert distance(perceptual_hash(rgb), perceptual_hash(again)) <= 3
        hashes.append(perceptual_hash(rgb))
    assert len(close_pairs(np.array(hashes), 7)) == 0


def test_close_pairs_are_those_of_brute_force():
    rng = np.random.default_rng(0)
    base = rng.integers(0, 2**63, 40, dtype=np.uint64)
    flips = np.bitwise_or.reduce(np.uint64(1) << rng.integers(0, 64, (400, 5), dtype=np.uint64), axis=1)
    hashes = np.concatenate([base, np.tile(base, 10) ^ flips])
    for within in (0, 3, 7):
        i, j = np.triu_indices(len(hashes), 1)
        apart = distance(hashes[i], hashes[j])
        keep = apart <= within
        expected = np.stack([i[keep], j[keep], apart[keep]], axis=1)
        np.testing.assert_array_equal(close_pairs(hashes, within), expected)
    with pytest.raises(ValueError, match="expected 0 to 7"):
        close_pairs(hashes, 8)


def test_the_largest_of_a_group_stays_and_a_shared_field_counts():
    bars = {"near": 3, "near_same_field": 8, "proven": always}
    hashes = np.array([0, 0b1, 0b111111, 2**60 - 1], np.uint64)  # 0, 1, 6 and 60 bits from the first
    areas = np.array([100, 400, 100, 100])
    digests = ["a", "b", "c", "c"]
    assert copies(hashes, areas, digests, [""] * 4, **bars) == {0: (1, "1 of 64 bits differ"), 3: (2, "the same bytes")}
    found = copies(hashes, areas, digests, ["m101"] * 4, **bars)
    assert found[2] == (1, "5 of 64 bits differ")
    assert field_names(10.0, 20.0, "x") == field_names(10.001, 20.001, "y") != field_names(10.1, 20.0, "x")
    assert field_names(None, None, " M 101") == "m 101"


def test_smooth_blobs_that_hash_alike_are_no_copies(catalogue):
    """Two galaxies that are bright in the middle; their stars differ."""
    y, x = np.mgrid[-1:1:300j, -1:1:300j]
    glow = np.stack([200, 180, 120] * np.exp(-9 * ((x - 0.2) ** 2 + 1.7 * (y + 0.15) ** 2 + x * y))[..., None])
    blobs = [np.clip(glow + 0.4 * stars(seed, 300, 60), 0, 255).astype(np.uint8) for seed in (0, 1)]
    assert distance(*map(perceptual_hash, blobs)) <= 20
    folder = catalogue({"a": blobs[0], "b": blobs[1]}, a={"target": "x"}, b={"target": "x"})
    curate(folder, Thresholds(near_same_field=20))
    assert [decision for decision, _ in decisions(folder).values()] == ["use", "use"]


def test_a_hundred_thousand_hashes_in_bounded_time():
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**64, 100_000, dtype=np.uint64)
    hashes[1::1000] = hashes[::1000]
    start = time.process_time()
    found = copies(hashes, np.ones(100_000, np.int64), [""] * 100_000, [""] * 100_000, 3, 8, always)
    assert time.process_time() - start < 40
    assert len(found) == 100
    assert all(copy == kept + 1 for copy, (kept, _) in found.items())
