import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from astrogan.base import AstroganError
from astrogan.data.config import TilesConfig
from astrogan.data.sources import SAMPLE_GAP, list_source


def listing(root: Path, **values):
    return list_source(TilesConfig(source=f"folder:{root}", **values))


def test_sample_bands_are_tiles_wide_and_apart():
    for size, columns in ((32, [19, 4, 4]), (64, [9, 2, 2]), (128, [4, 1, 1]), (256, [1, 1, 1])):
        entries = list_source(TilesConfig(size=size)).entries
        assert [entry.split for entry in entries] == ["train", "valid", "test"]
        widths = [end - start for start, end in (entry.region for entry in entries)]
        assert widths == [size * count for count in columns]
        assert all(b.region[0] - a.region[1] == SAMPLE_GAP for a, b in pairwise(entries))
        with Image.open(entries[0].path) as image:
            assert entries[-1].region[1] <= image.width == 1000
        assert {entry.observation for entry in entries} == {"hubble_deep_field"}
        assert "NASA" in entries[0].credit


def test_sample_leaves_out_a_split_of_fraction_zero():
    entries = list_source(TilesConfig(size=64, test_fraction=0.0)).entries
    assert [entry.split for entry in entries] == ["train", "valid"]


def test_sample_names_the_largest_size():
    with pytest.raises(AstroganError, match="at most 290 px"):
        list_source(TilesConfig(size=512))


def test_sample_photographs_are_seven_observations():
    entries = list_source(TilesConfig(kind="photographs")).entries
    assert len(entries) == 8
    assert len({entry.observation for entry in entries}) == 7
    pair = [entry.name for entry in entries if entry.observation == "motorcycle"]
    assert pair == ["motorcycle_left.png", "motorcycle_right.png"]
    assert all(entry.path.is_file() and entry.credit for entry in entries)


@pytest.mark.parametrize("source", ["hubble", "folder:", "http://example.org/x"])
def test_unknown_source(source):
    with pytest.raises(AstroganError, match=r"is unknown\. Known are 'sample' and 'folder:PATH'"):
        list_source(TilesConfig(source=source))


def test_unset_variable():
    with pytest.raises(AstroganError, match="environment variable is not set"):
        list_source(TilesConfig(source="folder:$ASTROGAN_NOWHERE_SET/x"))


def test_missing_empty_and_file_for_a_folder(tmp_path):
    with pytest.raises(AstroganError, match="does not exist"):
        listing(tmp_path / "none")
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(AstroganError, match=r"holds no image \(1 other files\)"):
        listing(tmp_path)
    with pytest.raises(AstroganError, match="is not a folder"):
        listing(tmp_path / "notes.txt")


def test_folder_that_cannot_be_read(folder, monkeypatch):
    root = folder(1)
    (root / "locked").mkdir()
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(AstroganError, match=r"locked cannot be read: Permission denied\. Mend its permissions"):
        listing(root)


def test_tree_without_manifest(folder):
    root = folder(2)
    (root / "deeper").mkdir()
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(root / "deeper" / "B.JPG", "JPEG")
    (root / "README.md").write_text("x")
    (root / ".hidden.png").write_bytes(b"x")
    found = listing(root)
    assert [entry.name for entry in found.entries] == ["deeper/B.JPG", "image-00.png", "image-01.png"]
    assert all(entry.observation == entry.name for entry in found.entries)
    assert (found.ignored, found.label) == (1, "folder:tree")


def test_manifest_in_the_parent_filters_to_the_folder(folder):
    root = folder(3)
    (root.parent / "manifest.csv").write_text(
        "file,observation,sha256,credit,mean_chroma\n"
        'tree/image-00.png,7,ABC,"NASA, ESA",1.5\ntree/image-01.png,7,,,\ntree/gone.png,8,,,\nother/x.png,9,,,\n'
    )
    found = listing(root)
    assert [(e.name, e.observation, e.sha256, e.credit) for e in found.entries] == [
        ("gone.png", "8", "", ""),
        ("image-00.png", "7", "abc", "NASA, ESA"),
        ("image-01.png", "7", "", ""),
    ]
    assert found.unlisted == ["image-02.png"]


def test_manifest_of_other_folders_is_not_used(folder, caplog):
    root = folder(1)
    (root.parent / "manifest.csv").write_text("file\nother/x.png\n")
    assert [entry.name for entry in listing(root).entries] == ["image-00.png"]
    assert "names no file below tree" in caplog.text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,observation\na,b\n", "has no column 'file'"),
        ("file\n../secret.png\n", "leaves the manifest's folder"),
        ("file\n/etc/x.png\n", "leaves the manifest's folder"),
        ("file\nimage-00.png\nimage-00.png\n", "has two rows"),
        ('file\n"unclosed\n', "cannot be read as CSV"),
        ("", "cannot be read as CSV"),
    ],
)
def test_manifests_that_cannot_be_used(text, message, folder):
    root = folder(1)
    (root / "manifest.csv").write_text(text)
    with pytest.raises(AstroganError, match=message):
        listing(root)
