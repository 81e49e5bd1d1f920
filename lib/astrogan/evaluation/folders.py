"""Two folders of images, matched by name, as predictions: so that anybody's outputs can be scored.

What is wrong with any file is gathered, so that one error lists everything that needs mending.
"""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from astrogan.base import AstroganError
from astrogan.data.images import SUFFIXES, ImageError, decode, read_bytes, strict_pillow
from astrogan.tasks.predictions import Predictions, from_uint8

_NAME_COLUMNS = ("file", "name", "image", "tile")
_GROUP_COLUMNS = ("group", "observation")


def read_rgb(path: Path) -> NDArray[np.uint8]:
    """An 8-bit image file as uint8 sRGB (H, W, 3), decoded as the project decodes all images; grey fills all channels.

    Raises:
        ImageError: for what data/images.py refuses, and for 16-bit images, whose scaling would change the metrics.
    """
    data = read_bytes(path)
    pixels = decode(data, str(path))
    with Image.open(io.BytesIO(data)) as image:
        # Pillow opens a 16-bit RGB PNG as 8-bit RGB; its bit depth stands in byte 24
        if image.mode.startswith("I") or (image.format == "PNG" and data[24] == 16):
            raise ImageError(str(path), "16 bits a channel", "8 bits", "convert both folders to 8 bits alike")
    return pixels


def read_folders(truth: Path, output: Path, groups: Path | None = None) -> Predictions:
    """Images of `truth` and `output` that share a name (relative path without extension), in order of name.

    `groups` is a CSV file with columns `file` and `group`; without it each image is its own observation.

    Raises:
        AstroganError: one that lists every unreadable file, missing partner, unequal size and ungrouped image.
    """
    found = {"truth": _images(truth), "prediction": _images(output)}
    names = sorted(found["truth"].keys() | found["prediction"].keys())
    problems = [
        f"{files[0]} has no partner in {folder}"
        for name in names
        for folder, own, other in ((output, "truth", "prediction"), (truth, "prediction", "truth"))
        if (files := found[own].get(name)) and name not in found[other]
    ]
    problems += [
        f"{', '.join(map(str, files))} share the name '{name}'"
        for side in found.values()
        for name, files in side.items()
        if len(files) > 1
    ]
    paired = [name for name in names if name in found["truth"] and name in found["prediction"]]
    paths = [found[side][name][0] for side in ("truth", "prediction") for name in paired]
    Image.init()  # Pillow registers formats on first use, and threads that open images meanwhile miss some
    with strict_pillow(), ThreadPoolExecutor() as pool:
        images = list(pool.map(_read_or_reason, paths))
    problems += [f"{path} {image}" for path, image in zip(paths, images, strict=True) if isinstance(image, str)]
    sized = [(path, image.shape[:2]) for path, image in zip(paths, images, strict=True) if not isinstance(image, str)]
    problems += [
        f"{path} is {shape[1]} x {shape[0]} px, unlike the {size[1]} x {size[0]} px of {first}"
        for first, size in sized[:1]
        for path, shape in sized
        if shape != size
    ]
    grouping, ungrouped = _grouping(groups, paired)
    problems += ungrouped
    if problems:
        raise AstroganError(
            f"{truth} and {output} cannot be compared: {'; '.join(problems)}. Mend or remove these files."
        )
    half = len(paired)
    return from_uint8(np.stack(images[:half]), np.stack(images[half:]), grouping, np.array(paired))


def _images(folder: Path) -> dict[str, list[Path]]:
    if not folder.is_dir():
        raise AstroganError(f"{folder} is not a folder that can be read; give a folder of images.")
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file():
            found.setdefault(path.relative_to(folder).with_suffix("").as_posix(), []).append(path)
    if not found:
        raise AstroganError(f"{folder} holds no images; expected files ending in {', '.join(sorted(SUFFIXES))}.")
    return found


def _read_or_reason(path: Path) -> NDArray[np.uint8] | str:
    try:
        return read_rgb(path)
    except ImageError as error:
        return f"is unusable: {error.reason}"


def _grouping(path: Path | None, names: list[str]) -> tuple[NDArray[np.str_], list[str]]:
    if path is None:
        return np.array(names), []
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise AstroganError(f"{path} cannot be read as a table of groups ({error}); give a CSV file.") from error
    columns = [column for column in (rows[0] if rows else {}) if column]
    name_column = next((column for column in columns if column in _NAME_COLUMNS), None)
    group_column = next((column for column in columns if column in _GROUP_COLUMNS), None)
    if name_column is None or group_column is None:
        raise AstroganError(
            f"{path} has the columns {', '.join(columns) or '(none)'}; expected 'file' (as in the folders) and 'group'."
        )
    known = {_without_extension(row[name_column] or ""): row[group_column] for row in rows}
    missing = [name for name in names if not known.get(name)]
    return np.array([known.get(name) or "" for name in names]), [f"'{name}' has no group in {path}" for name in missing]


def _without_extension(name: str) -> str:
    path = Path(name)
    return (path.with_suffix("") if path.suffix.lower() in SUFFIXES else path).as_posix()
