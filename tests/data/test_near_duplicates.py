import io

import numpy as np
import pytest
from PIL import Image

from astrogan.data.likeness import leaks, tile_thumbnails
from astrogan.data.near_duplicates import find_duplicates, thumbnail


def search(images: list[np.ndarray], crops: bool = True) -> list[tuple[int, int]]:
    aspects = np.array([image.shape[1] / image.shape[0] for image in images])
    return [(i, j) for i, j, _ in find_duplicates(np.stack([thumbnail(image) for image in images]), aspects, crops)]


def resized(image: np.ndarray, width: int, height: int) -> np.ndarray:
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC))


def recompressed(image: np.ndarray) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=30)
    return np.asarray(Image.open(file))


def test_different_pictures_are_no_duplicates(picture):
    assert search([picture(seed) for seed in range(40)]) == []


def test_copies_are_found(picture):
    original = picture(0, 300, 400)
    copies = [
        resized(original, 150, 100),
        recompressed(original),
        resized(original, 256, 256),  # squeezed to a square
        np.clip(original * 0.7 + 20, 0, 255).astype(np.uint8),
        original[10:290, 20:390],
    ]
    for copy in copies:
        assert search([picture(1), original, picture(2), copy]) == [(1, 3)]


@pytest.mark.parametrize(
    ("top", "left", "height", "width"), [(0, 0, 240, 320), (60, 90, 210, 280), (100, 150, 180, 240)]
)
def test_crops_are_found(top, left, height, width, picture):
    original = picture(0, 300, 400)
    crop = recompressed(resized(original[top : top + height, left : left + width], 200, 150))
    assert search([crop, picture(1), original]) == [(0, 2)]


def test_a_crop_of_another_aspect_is_found(picture):
    original = picture(0, 300, 400)
    assert search([original, original[40:280, 100:300]]) == [(0, 1)]


def dark_sky(seed: int, stars: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 8, (256, 256, 1), dtype=np.uint8).repeat(3, axis=2)
    for x, y in rng.integers(0, 256, (stars, 2)):
        image[y, x] = 255
    return image


def test_dark_sky_is_no_duplicate():
    sky = [np.zeros((256, 256, 3), np.uint8)] * 2 + [dark_sky(seed) for seed in range(6)]
    sky += [dark_sky(seed, stars=30) for seed in range(10, 16)]
    assert search(sky) == []
    tiles = tile_thumbnails(np.stack(sky))
    assert leaks(tiles[::2], tiles[1::2]) == []


def test_bright_in_the_middle_is_no_duplicate():
    y, x = np.mgrid[-1:1:256j, -1:1:256j]
    galaxies = []
    for seed, (a, angle) in enumerate([(2, 0), (3, 0.8), (1, 0), (4, 2)]):
        u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
        light = 230 * np.exp(-5 * np.sqrt(u**2 + (a * v) ** 2))[..., None]
        galaxies.append(np.clip(light + dark_sky(seed, stars=60) * 0.8, 0, 255).astype(np.uint8))
    assert search(galaxies) == []


def test_the_guard_finds_equal_tiles_and_no_others(picture):
    tiles = np.stack([picture(seed, 64, 64) for seed in range(20)])
    copy = recompressed(tiles[7])
    found = leaks(tile_thumbnails(tiles), tile_thumbnails(np.stack([picture(90, 64, 64), copy])))
    assert [(i, j) for i, j, _ in found] == [(7, 1)]
    assert leaks(tile_thumbnails(tiles), tile_thumbnails(tiles[:0])) == []


def test_the_guard_does_not_judge_by_one_edge():
    limb, edge = (np.zeros((1, 256, 256, 3), np.uint8) for _ in range(2))
    limb[:, 240:] = 70
    edge[:, 238:] = (110, 100, 80)
    assert leaks(tile_thumbnails(limb), tile_thumbnails(edge)) == []
