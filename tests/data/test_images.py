import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageFile
from skimage.color import rgb2lab

from astrogan.base import AstroganError
from astrogan.data import images
from astrogan.data.images import ImageError, decode, read_bytes, read_image


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def test_rgb_png_is_exact(picture):
    pixels = picture(0)
    result = decode(encoded(Image.fromarray(pixels)))
    assert result.dtype == np.uint8
    np.testing.assert_array_equal(result, pixels)


def test_palette_equals_its_colours(picture):
    palette = Image.fromarray(picture(0)).quantize(32)
    np.testing.assert_array_equal(decode(encoded(palette)), np.asarray(palette.convert("RGB")))


def test_cmyk_becomes_rgb(picture):
    pixels = picture(0)
    result = decode(encoded(Image.fromarray(pixels).convert("CMYK"), "TIFF"))
    assert np.abs(result.astype(int) - pixels).mean() < 3


@pytest.mark.parametrize("alpha", [0, 128, 255])
def test_alpha_is_composited_on_black(alpha):
    result = decode(encoded(Image.new("RGBA", (4, 4), (200, 100, 50, alpha))))
    np.testing.assert_allclose(result[0, 0], np.array([200, 100, 50]) * alpha / 255, atol=1)


def test_transparent_palette_entry_is_black():
    image = Image.new("P", (4, 4), 1)
    image.putpalette([255, 0, 0, 0, 255, 0])
    assert decode(encoded(image, transparency=1)).max() == 0


def test_16_bit_spans_the_range():
    values = np.array([[0, 257, 65_535], [128, 129, 32_896]], np.uint16)
    result = decode(encoded(Image.fromarray(values)))
    np.testing.assert_array_equal(result[..., 0], [[0, 1, 255], [0, 1, 128]])
    np.testing.assert_array_equal(result[..., 0], result[..., 2])


def test_exif_rotation_is_applied(picture):
    pixels = picture(0, 40, 60)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 270 degrees to view
    result = decode(encoded(Image.fromarray(pixels), exif=exif))
    np.testing.assert_array_equal(result, np.rot90(pixels, -1))


def test_other_colour_profile_is_converted(picture):
    with pytest.raises(ImageError, match="colour profile"):
        decode(encoded(Image.fromarray(picture(0)), icc_profile=b"broken"), "x.png")
    pixels = picture(0)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    np.testing.assert_array_equal(decode(encoded(Image.fromarray(pixels), icc_profile=srgb)), pixels)
    swapped = decode(encoded(Image.fromarray(pixels), icc_profile=swapped_profile(srgb)))
    correlation = np.corrcoef(swapped[..., 0].ravel(), pixels[..., 1].ravel())[0, 1]
    assert correlation > 0.9


def swapped_profile(srgb: bytes) -> bytes:
    """An sRGB profile whose red and green primaries have changed places, under another name."""
    return (
        srgb.replace(b"rXYZ", b"tmp!", 1)
        .replace(b"gXYZ", b"rXYZ", 1)
        .replace(b"tmp!", b"gXYZ", 1)
        .replace("sRGB".encode("utf-16-be"), "mine".encode("utf-16-be"))
    )


def test_mode_1_and_grey_are_rgb():
    assert decode(encoded(Image.new("1", (3, 3), 1))).min() == 255
    assert decode(encoded(Image.new("L", (3, 3), 7))).tolist()[0][0] == [7, 7, 7]


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_several_frames_are_refused(kind, picture):
    frames = [Image.fromarray(picture(seed, 20, 20)) for seed in range(3)]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    with pytest.raises(ImageError, match=r"pic\.x: 3 frames\. Expected one\. Save the frame"):
        decode(data, "pic.x")


def test_mpo_gives_its_first_frame(picture):
    first, second = (Image.fromarray(picture(seed)) for seed in range(2))
    data = encoded(first, "MPO", save_all=True, append_images=[second])
    assert Image.open(io.BytesIO(data)).n_frames == 2
    result = decode(data).astype(int)
    assert np.abs(result - np.asarray(first)).mean() < np.abs(result - np.asarray(second)).mean() / 2


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
@pytest.mark.parametrize("part", [0.3, 0.9])
def test_truncated_is_refused(kind, part, picture, monkeypatch):
    data = encoded(Image.fromarray(picture(0)), kind)
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as other libraries set it
    with pytest.raises(ImageError, match=r"cut: (damaged|not a readable)"):
        decode(data[: int(len(data) * part)], "cut")


def test_zero_bytes_missing_and_unreadable(tmp_path, monkeypatch):
    path = tmp_path / "empty.jpg"
    path.touch()
    with pytest.raises(ImageError, match=r"empty\.jpg: the file is empty \(0 bytes\)\. Expected an image\. Fetch"):
        read_image(path)
    with pytest.raises(ImageError, match="no such file"):
        read_image(tmp_path / "absent.png")
    path.write_bytes(b"x")

    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "read_bytes", refuse)
    with pytest.raises(ImageError, match="Permission denied"):
        read_bytes(path)


NO_IMAGES = (b"<html>404</html>" * 9, b"\x89PNG\r\n\x1a\n", b"SIMPLE  =" + b" " * 3000, b"%!PS-Adobe")


@pytest.mark.parametrize("data", NO_IMAGES)
def test_non_images_are_refused(data):
    with pytest.raises(ImageError, match=r"page\.jpg: not a readable image\. Expected one of BMP"):
        decode(data, "page.jpg")


def test_one_pixel_is_refused():
    with pytest.raises(ImageError, match=r"1 x 1 px\. Expected at least 2 px a side"):
        decode(encoded(Image.new("RGB", (1, 1))))


def bomb(side: int) -> bytes:
    """A PNG of a few bytes that claims side x side pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [8_000, 10_000, 60_000])  # over our limit, over Pillow's warning, over its error
def test_bomb_is_refused_before_decoding(side):
    with pytest.raises(ImageError, match=r"bomb\.png: .* Expected at most 50,000,000 px\. Scale it down"):
        decode(bomb(side), "bomb.png")


def test_too_many_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(images, "BYTE_LIMIT", 10)
    (tmp_path / "big.png").write_bytes(bytes(11))
    with pytest.raises(ImageError, match="11 bytes"):
        read_image(tmp_path / "big.png")


def test_float_values_have_no_known_range():
    with pytest.raises(ImageError, match="unknown range"):
        decode(encoded(Image.fromarray(np.ones((4, 4), np.float32)), "TIFF"))


def test_error_is_the_users_and_the_reason_leaves_the_name_out():
    with pytest.raises(AstroganError) as caught:
        decode(b"nothing", "some/where.png")
    assert "where.png" not in caught.value.reason


def test_chroma_agrees_with_scikit_image(picture):
    pixels = picture(0, 50, 60)
    lab = rgb2lab(pixels)
    np.testing.assert_allclose(images.chroma(pixels), np.hypot(lab[..., 1], lab[..., 2]), atol=0.01)


def test_greyscale_even_after_jpeg_but_sparse_colour_is_colour(picture):
    grey = np.repeat(picture(0)[..., :1], 3, axis=2)
    assert images.is_greyscale(images.chroma(decode(encoded(Image.fromarray(grey), "JPEG", quality=70))))
    dark = np.zeros((200, 200, 3), np.uint8)
    dark[::10, ::10] = (60, 30, 10)  # 1 % coloured stars
    assert not images.is_greyscale(images.chroma(dark))
