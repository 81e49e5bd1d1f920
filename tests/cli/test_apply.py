"""The commands as a person uses them."""

import json
import re
import resource
import signal
import subprocess
import sys
from typing import get_args, get_type_hints

import numpy as np
import pytest
import tifffile
from astropy.io import fits
from astropy.wcs import WCS
from PIL import Image
from skimage.color import rgb2lab
from typer.testing import CliRunner

from astrogan.apply.batch import Input, run_batch
from astrogan.apply.frames import Kind
from astrogan.apply.outputs import products
from astrogan.apply.outputs.products import Format
from astrogan.base import AstroganError
from astrogan.cli.app import app
from astrogan.cli.apply import Options
from astrogan.files import sha256

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*cdfix.*"),
]


@pytest.fixture
def run(tmp_path, monkeypatch, save_run):
    """`run(command, *arguments)` in a folder with two models."""
    save_run("quick", "lab-resnet18", "finetune")
    save_run("quick", "edsr", "finetune", "upscale", value=0.01)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("astrogan.apply.models.shipped.FOLDER", tmp_path / "none")

    def go(*arguments):
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return go


def names(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def ok(result):
    assert result.exit_code == 0, result.output
    return result


def test_colorize_a_fits_frame(run, tmp_path, fits_file, field):
    result = ok(run("colorize", fits_file, "--out", "out", "--uncertainty"))
    assert names(tmp_path / "out") == [
        "sky-uncertainty.fits", "sky-uncertainty.png", "sky.fits", "sky.json", "sky.png",
    ]  # fmt: skip
    assert "model: quick/lab-resnet18-finetune" in result.stderr
    assert "colours are invented" in result.stderr
    assert "5 px missing" in result.stderr
    sidecar = json.loads((tmp_path / "out" / "sky.json").read_text())
    checkpoint = tmp_path / "runs" / "quick" / "checkpoints" / "lab-resnet18" / "finetune.pt"
    assert sidecar["model"]["sha256"] == sha256(checkpoint)
    assert sidecar["input"]["sha256"] == sha256(fits_file)
    assert sidecar["input"]["counts"]["missing"] == 5
    assert "invented" in sidecar["meaning"]
    with fits.open(tmp_path / "out" / "sky.fits") as hdus:
        header, planes = hdus[0].header, hdus[0].data
    assert planes.shape == (3, *field.shape)
    assert planes.dtype == ">f4"
    assert np.nanmin(planes) >= 0
    assert np.nanmax(planes) <= 1
    assert (np.isnan(planes) == np.isnan(field)).all()
    assert (header["OBJECT"], header["EXPTIME"]) == ("NOTHING", 30.0)
    history = "".join(header["HISTORY"])
    assert "quick/lab-resnet18-finetune" in history
    assert sha256(checkpoint) in history
    assert "astrogan 0." in history
    before = WCS(fits.getheader(fits_file)).pixel_to_world_values(3, 5)
    np.testing.assert_allclose(WCS(header).celestial.pixel_to_world_values(3, 5), before, atol=1e-10)
    # the picture, 16 bits, is the same planes; missing pixels are black
    picture = _png(tmp_path / "out" / "sky.png")
    assert picture.dtype == np.uint16
    assert np.abs(picture - np.nan_to_num(np.moveaxis(planes, 0, -1)) * 65535).max() < 0.51
    spread = fits.getdata(tmp_path / "out" / "sky-uncertainty.fits")
    assert np.nanmean(spread) > 0.01
    levels = _png(tmp_path / "out" / "sky-uncertainty.png")
    assert np.abs(levels - np.nan_to_num(spread) * 10)[~np.isnan(spread)].max() < 0.51


def test_the_planes_lightness_is_the_stretched_frames(run, tmp_path, fits_file, field):
    ok(run("colorize", fits_file, "--out", "out", "--stretch", "linear", "--low", 90, "--high", 130))
    planes = np.moveaxis(fits.getdata(tmp_path / "out" / "sky.fits").astype(float), 0, -1)
    grey = np.clip((field - 90) / 40, 0, 1)
    good = np.isfinite(field)
    before = rgb2lab(np.repeat(grey[..., None], 3, -1))[..., 0]
    assert np.abs(rgb2lab(planes)[..., 0] - before)[good].max() < 1e-3


@pytest.mark.parametrize("kind", ["asinh", "zscale", "linear"])
def test_upscale_a_fits_frame_in_its_own_units(run, tmp_path, fits_file, field, kind):
    ok(run("upscale", fits_file, "--out", "out", "--stretch", kind))
    with fits.open(tmp_path / "out" / "sky.fits") as hdus:
        header, plane = hdus[0].header, hdus[0].data
    assert plane.shape == (160, 208)
    assert (np.isnan(plane) == np.isnan(field).repeat(4, 0).repeat(4, 1)).all()
    stretch = json.loads((tmp_path / "out" / "sky.json").read_text())["input"]["stretch"]
    assert np.nanmin(plane) >= stretch["low"] - 1e-3
    assert np.nanmax(plane) <= stretch["high"] + 1e-3
    assert np.nanmax(plane) > np.nanmedian(field)
    # the picture is the plane, stretched
    from astrogan.apply.frames.frame import Stretch

    shown = Stretch(**stretch).apply(np.nan_to_num(plane, nan=stretch["low"]))
    assert np.abs(_png(tmp_path / "out" / "sky.png") - shown * 65535).max() < 3
    sky = WCS(header).pixel_to_world_values(4 * 3 + 1.5, 4 * 5 + 1.5)
    np.testing.assert_allclose(sky, WCS(fits.getheader(fits_file)).pixel_to_world_values(3, 5), atol=1e-10)
    assert "divide by 16" in " ".join(header["HISTORY"])


def test_grey_stays_grey_and_rgb_stays_rgb(run, tmp_path, grey_png):
    values = np.random.default_rng(0).integers(0, 65536, (20, 24, 3), dtype=np.uint16)
    tifffile.imwrite(tmp_path / "in" / "colour.tif", values)
    result = ok(run("upscale", tmp_path / "in", "--out", "out"))
    assert _png(tmp_path / "out" / "grey.png").shape == (120, 176)
    assert _png(tmp_path / "out" / "grey.png").dtype == np.uint8
    assert _png(tmp_path / "out" / "colour.png").shape == (80, 96, 3)
    assert _png(tmp_path / "out" / "colour.png").dtype == np.uint16
    assert "may be wrong" in result.stderr
    result = ok(run("colorize", tmp_path / "in", "--out", "painted", "--format", "tiff", "--uncertainty"))
    assert "its lightness L is coloured anew" in result.stderr
    assert tifffile.imread(tmp_path / "painted" / "grey.tiff").shape == (30, 44, 3)
    spread = tifffile.imread(tmp_path / "painted" / "grey-uncertainty.tiff")
    assert spread.dtype == np.float32
    assert spread.mean() > 0.01


def test_detail_is_a_multiple_of_the_networks_size(run, tmp_path, grey_png):
    ok(run("colorize", grey_png, "--out", "out", "--detail", "2"))
    assert json.loads((tmp_path / "out" / "grey.json").read_text())["colour_map"] == [44, 64]
    assert "--detail from 1 to 16" in run("colorize", grey_png, "--out", "other", "--detail", "0").stderr


def test_a_bad_file_does_not_stop_the_batch(run, tmp_path, grey_png):
    (tmp_path / "in" / "a.png").write_bytes(grey_png.read_bytes()[:300])
    (tmp_path / "in" / "b.fits").write_bytes(b"")
    (tmp_path / "in" / "z.fits").write_text("text")
    result = run("colorize", tmp_path / "in", "no*thing.png", "--out", "out")
    assert result.exit_code == 1
    assert names(tmp_path / "out") == ["grey.json", "grey.png"]
    for name in ("a.png", "b.fits", "z.fits", "no*thing.png"):
        assert re.search(rf"astrogan: \S*{re.escape(name)}: ", result.stderr), name
    assert "1 of 5 done, 4 failed" in result.stderr


def test_patterns_and_names_that_clash(run, tmp_path, grey_png):
    (tmp_path / "in" / "grey.jpg").write_bytes(b"")
    result = run("colorize", "in/gr*", grey_png, "--out", "out")
    assert result.exit_code == 1
    assert "would have the names of in/grey.jpg's" in result.stderr
    assert ok(run("colorize", "in/*.png", "--out", "out")).stdout.startswith("in/grey.png -> out/grey.png")


def test_outputs_are_overwritten_only_when_forced(run, tmp_path, grey_png):
    ok(run("upscale", grey_png, "--out", "out"))
    (tmp_path / "out" / "grey.png").write_bytes(b"mine")
    result = run("upscale", grey_png, "--out", "out")
    assert result.exit_code == 1
    assert "grey.png, grey.json exist in out. Give --force" in result.stderr
    assert (tmp_path / "out" / "grey.png").read_bytes() == b"mine"
    ok(run("upscale", grey_png, "--out", "out", "--force"))
    assert _png(tmp_path / "out" / "grey.png").shape == (120, 176)


def test_a_frame_is_never_its_own_output(run, tmp_path, grey_png):
    before = grey_png.read_bytes()
    result = run("colorize", grey_png, "--out", grey_png.parent, "--force")
    assert result.exit_code == 1
    assert "would take its place" in result.stderr
    assert grey_png.read_bytes() == before
    assert "folder of the outputs, too" in run("colorize", grey_png.parent, "--out", grey_png.parent).stderr


def test_large_pngs_are_refused_with_the_reason_and_tiffs_are_not(run, tmp_path, grey_png, monkeypatch):
    monkeypatch.setattr(products, "PNG_LIMIT", 5000)
    monkeypatch.setattr("astrogan.apply.outputs.writers.PNG_LIMIT", 5000)
    result = run("upscale", grey_png, "--out", "out")
    assert result.exit_code == 1
    assert "176 x 120 px is too large for PNG, which has no tiles" in " ".join(result.stderr.split())
    assert "--format tiff" in result.stderr
    assert names(tmp_path / "out") == []
    ok(run("upscale", grey_png, "--out", "out", "--format", "tiff"))
    with tifffile.TiffFile(tmp_path / "out" / "grey.tiff") as file:
        assert file.is_bigtiff


def test_models_of_the_other_task_or_none_at_all(run, tmp_path, grey_png):
    result = run("colorize", grey_png, "--out", "out", "--model", "quick/edsr-finetune")
    assert result.exit_code == 1
    assert "needs a model that colours" in result.stderr
    result = run("upscale", grey_png, "--out", "out", "--runs", "nowhere")
    assert result.exit_code == 1
    assert "make report" in result.stderr
    assert names(tmp_path / "out") == []


def test_outputs_that_cannot_be_written(run, tmp_path, grey_png):
    (tmp_path / "file").write_text("")
    result = run("colorize", grey_png, "--out", "file/out")
    assert result.exit_code == 1
    assert "file/out cannot be written" in result.stderr


@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_a_full_disk_leaves_nothing_behind(run, tmp_path, grey_png, fits_file, kind):
    """The operating system refuses files beyond a size, as it refuses any on a full disk."""
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, limits[1]))
        result = run("upscale", fits_file, grey_png, "--out", "out", "--format", kind)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert result.exit_code == 1
    assert result.stderr.count("could not be saved") == 2
    assert names(tmp_path / "out") == []


def test_models_are_listed(run):
    text = ok(run("models")).stdout
    assert "quick/lab-resnet18-finetune   [default]" in text
    assert "quick/edsr-finetune   [default]" in text
    assert "invented" in text
    assert "random weights" in text
    found = json.loads(ok(run("models", "--json")).stdout)
    assert {card["name"]: card["default"] for card in found["models"]} == {
        "quick/lab-resnet18-finetune": True,
        "quick/edsr-finetune": True,
    }
    assert "No model is here yet" in ok(run("models", "--runs", "nowhere")).stdout


def test_coloured_frames_are_stitched(run, tmp_path, field):
    (tmp_path / "in").mkdir(exist_ok=True)
    for name, start in (("a", 0), ("b", 20)):
        cards = [("CTYPE1", "RA---TAN"), ("CTYPE2", "DEC--TAN"), ("CRVAL1", 150.0), ("CRVAL2", 2.0)]
        cards += [("CRPIX1", 26.0 - start), ("CRPIX2", 20.0), ("CD1_1", -1e-4), ("CD2_2", 1e-4)]
        fits.PrimaryHDU(field[:, start : start + 32], fits.Header(cards)).writeto(tmp_path / "in" / f"{name}.fits")
    ok(run("colorize", "in", "--out", "out", "--low", 90, "--high", 500))
    result = ok(run("stitch", "out/a.fits", "out/b.fits", "--out", "mosaic.fits"))
    assert "the sums took" in result.stdout
    assert fits.getdata(tmp_path / "mosaic.fits").shape[0] == 3
    assert run("stitch", "out/a.fits", "out/b.fits", "--out", "mosaic.fits").exit_code == 1


def _png(path):
    import imagecodecs

    with Image.open(path) as image:
        image.verify()
    return imagecodecs.png_decode(path.read_bytes())


def test_help_waits_for_no_network():
    script = "import sys; from astrogan.cli.app import app; app(['--help'], standalone_mode=False); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=100, check=True)
    assert "colorize" in done.stdout
    assert not {"torch", "astropy", "fastai"} & set(done.stdout.splitlines()[-1].split())


def test_the_options_offer_what_the_library_takes():
    """They are typed twice, because --help must not import what they belong to."""
    hints = get_type_hints(Options)
    assert get_args(hints["format"]) == get_args(Format)
    assert get_args(get_args(hints["stretch"])[0]) == get_args(Kind)
    result = CliRunner().invoke(app, ["upscale", "x.png", "--out", "out", "--detail", "2"])
    assert result.exit_code == 2
    assert "No such option: --detail" in result.stderr


def test_the_bar_is_plain_text_and_ends_full(tmp_path, monkeypatch):
    class Terminal:
        def __init__(self):
            self.text = ""

        def write(self, text):
            self.text += text

        def flush(self):
            pass

        def isatty(self):
            return True

    def work(path, stem, advance):
        for _ in range(30):
            advance(1 / 29)
        raise AstroganError("over")

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr("tqdm.std._screen_shape_wrapper", lambda: lambda file: (100, 30))
    assert run_batch([Input(tmp_path / "x.png")], work) == [tmp_path / "x.png"]
    assert "1/1 x.png [" + "#" * 30 + "] 100 %" in terminal.text
    assert terminal.text.isascii()
