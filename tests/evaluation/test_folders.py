import numpy as np
import pytest
from PIL import Image

from astrogan.base import AstroganError
from astrogan.evaluation.folders import read_folders

RNG = np.random.default_rng(0)


def _save(path, size=(20, 12), mode="RGB"):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = RNG.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    image = Image.fromarray(pixels).convert(mode)
    image.save(path)
    return np.asarray(image.convert("RGB"))


@pytest.fixture
def folders(tmp_path):
    for name in ("a", "sub/b", "c"):
        _save(tmp_path / "truth" / f"{name}.png")
        _save(tmp_path / "pred" / f"{name}.png")
    return tmp_path


def _read(folder, groups=None):
    return read_folders(folder / "truth", folder / "pred", groups)


def test_images_are_matched_by_name_whatever_their_format_and_order(folders):
    (folders / "pred" / "c.png").unlink()
    expected = _save(folders / "pred" / "c.bmp")
    (folders / "truth" / "notes.txt").write_text("no image")
    (folders / "truth" / ".hidden.png").write_bytes(b"")
    found = _read(folders)
    assert found.tile.tolist() == ["a", "c", "sub/b"]
    assert found.observation.tolist() == ["a", "c", "sub/b"]
    assert (found.rounded[1] == expected).all()
    assert (found.floor == found.rounded).all()


def test_grey_images_fill_all_channels(folders):
    expected = _save(folders / "pred" / "a.png", mode="L")
    found = _read(folders)
    assert (found.rounded[0] == expected).all()
    assert (found.rounded[0][..., 0] == found.rounded[0][..., 2]).all()


def test_one_error_lists_everything(folders):
    _save(folders / "truth" / "alone.png")
    _save(folders / "pred" / "extra.png")
    _save(folders / "pred" / "a.png", size=(8, 8))
    (folders / "truth" / "c.png").write_bytes((folders / "truth" / "c.png").read_bytes()[:200])
    (folders / "pred" / "sub" / "b.png").write_bytes(b"")
    Image.fromarray(RNG.integers(0, 2**16, (12, 20), dtype=np.uint16)).save(folders / "truth" / "deep.png")
    _save(folders / "pred" / "deep.png")
    with pytest.raises(AstroganError) as caught:
        _read(folders)
    message = str(caught.value)
    for expected in (
        "truth/alone.png has no partner in",
        "pred/extra.png has no partner in",
        "pred/a.png is 8 x 8 px",
        "truth/c.png is unusable",
        "pred/sub/b.png is unusable",
        "truth/deep.png is unusable: 16 bits",
    ):
        assert expected in message
    assert "\n" not in message


def test_sixteen_bit_colour_is_refused_though_pillow_reads_it(folders):
    png = (folders / "truth" / "a.png").read_bytes()
    (folders / "truth" / "a.png").write_bytes(_deep_rgb_png())
    with pytest.raises(AstroganError, match=r"a\.png is unusable: 16 bits"):
        _read(folders)
    (folders / "truth" / "a.png").write_bytes(png)
    assert len(_read(folders)) == 3


def test_one_name_with_two_files_is_an_error(folders):
    _save(folders / "pred" / "a.bmp")
    with pytest.raises(AstroganError, match="share the name 'a'"):
        _read(folders)


def test_missing_and_empty_folders_are_named(folders):
    with pytest.raises(AstroganError, match="nowhere is not a folder"):
        read_folders(folders / "truth", folders / "nowhere")
    (folders / "empty").mkdir()
    with pytest.raises(AstroganError, match="empty holds no images"):
        read_folders(folders / "empty", folders / "pred")


@pytest.mark.parametrize("header", ["file,group", "width,observation,file", "\ufefffile,group"])
def test_groups_are_read_from_a_table(folders, header):
    columns = header.lstrip("\ufeff").split(",")
    rows = [dict.fromkeys(columns, "1") | {"file": name} for name in ("a.png", "c", "sub/b.png")]
    for row, group in zip(rows, ("m31", "m31", "m33"), strict=True):
        row["group" if "group" in columns else "observation"] = group
    path = folders / "groups.csv"
    path.write_text("\n".join([header, *(",".join(row[column] for column in columns) for row in rows)]))
    assert _read(folders, path).observation.tolist() == ["m31", "m31", "m33"]


def test_ungrouped_images_and_wrong_tables_are_named(folders):
    path = folders / "groups.csv"
    path.write_text("file,group\na.png,m31\nc.png,\n")
    with pytest.raises(AstroganError, match=r"'c' has no group in .*groups\.csv; 'sub/b' has no group"):
        _read(folders, path)
    path.write_text("x,y\n1,2\n")
    with pytest.raises(AstroganError, match="columns x, y; expected 'file'"):
        _read(folders, path)
    with pytest.raises(AstroganError, match=r"nothing\.csv cannot be read"):
        _read(folders, folders / "nothing.csv")
    path.write_bytes(b"\xff\xfe\x00bad")
    with pytest.raises(AstroganError, match="cannot be read as a table"):
        _read(folders, path)


def _deep_rgb_png():
    """A 16-bit RGB PNG, which Pillow can read but not write."""
    import struct
    import zlib

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + RNG.bytes(20 * 6) for _ in range(12))
    head = struct.pack(">IIBBBBB", 20, 12, 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
