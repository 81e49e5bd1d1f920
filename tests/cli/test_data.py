"""`astrogan data` from listing to credits against a server on loopback."""

import csv
import io
import zipfile

import pytest
from typer.testing import CliRunner

from astrogan.archives.catalogue import catalogue_of_images
from astrogan.archives.manifest import read_manifest, write_manifest
from astrogan.cli.app import app

QUICK = ["--rate", "1000", "--attempts", "2"]


def astrogan(*arguments):
    return CliRunner().invoke(app, ["data", *map(str, arguments)])


def feed(archive, jpeg, count=3):
    entries = []
    for i in range(count):
        url = archive.file(f"/large/pic{i}.jpg", jpeg(i))
        resources = [{"ResourceType": "Large", "MediaType": "Image", "URL": url, "Dimensions": [320, 300]}]
        asset = {"MediaType": "Image", "Resources": resources, "ObservationData": {"Instrument": ["WFC3"]}}
        entries.append({"ID": f"pic{i}", "Title": f"Galaxy {i}", "Credit": "ESA/Hubble & NASA", "Assets": [asset]})
    archive.json("/images/d2d/", {"Count": count, "Collections": entries})


@pytest.fixture
def listed(archive, jpeg, tmp_path):
    feed(archive, jpeg)
    done = astrogan("list", "esahubble", "--out", tmp_path / "l.csv", "--set", f"url={archive.url}/images/d2d/", *QUICK)
    assert done.exit_code == 0, done.output
    assert "3 entries" in done.output
    return tmp_path / "l.csv"


def test_from_listing_to_credits(archive, listed, tmp_path):
    folder = tmp_path / "out"
    dry = astrogan("fetch", listed, "--out", folder, "--dry-run", *QUICK)
    assert (dry.exit_code, folder.exists(), "3 would fetch" in dry.output) == (0, False, True)
    done = astrogan("fetch", listed, "--out", folder, *QUICK)
    assert (done.exit_code, "3 fetched" in done.output) == (0, True), done.output
    assert astrogan("verify", folder).exit_code == 0
    curated = astrogan("curate", folder, "--set", "min_side=100")
    assert curated.exit_code == 0, curated.output
    assert curated.output.splitlines()[-1].split() == ["override", "0", "3", "3", "3"]
    credits = astrogan("credits", folder).output
    assert "Images from ESA/Hubble are used under CC BY 4.0" in credits
    assert "3 x ESA/Hubble & NASA (CC BY 4.0)" in credits
    again = astrogan("fetch", listed, "--out", folder, *QUICK)
    assert "3 kept" in again.output
    assert archive.count("/large/pic0.jpg") == 1


def test_faults_are_reported_and_the_exit_status_tells(archive, listed, tmp_path):
    archive.routes["/large/pic1.jpg"] = (200, {"Content-Type": "text/html"}, b"<html>gone</html>")
    folder = tmp_path / "out"
    done = astrogan("fetch", listed, "--out", folder, *QUICK)
    assert done.exit_code == 1
    assert "pic1: a web page came in place of the file" in done.output
    with open(folder / "report.csv") as file:
        lines = {line["id"]: (line["status"], line["reason"]) for line in csv.DictReader(file)}
    failed = ("failed", "a web page came in place of the file")
    assert lines == {"pic0": ("fetched", ""), "pic1": failed, "pic2": ("fetched", "")}
    verified = astrogan("verify", folder)
    assert (verified.exit_code, "pic1: not fetched" in verified.output) == (1, True)
    (folder / "esahubble/pic0.jpg").write_bytes(b"other")
    assert "pic0: its sha256 is" in astrogan("verify", folder).output


def test_a_file_that_changed_on_disk_since_the_last_fetch(listed, tmp_path, jpeg):
    folder = tmp_path / "out"
    astrogan("fetch", listed, "--out", folder, *QUICK)
    (folder / "esahubble/pic0.jpg").write_bytes(jpeg(9))
    done = astrogan("fetch", listed, "--out", folder, *QUICK)
    assert done.exit_code == 1
    assert "pic0: on disk sha256 is" in done.output
    assert (folder / "esahubble/pic0.jpg").read_bytes() == jpeg(9)


def test_a_published_archive_is_unpacked_and_its_hostile_members_reported(archive, tmp_path, row, jpeg):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("set/0001.png", jpeg())
        packed.writestr("../up.png", jpeg())
    url = archive.file("/set.zip", file.getvalue())
    write_manifest(tmp_path / "m.csv", [row("set.zip", url, source="div2k")])
    done = astrogan("fetch", tmp_path / "m.csv", "--out", tmp_path / "out", *QUICK)
    assert done.exit_code == 1
    assert "set.zip: member '../up.png': its path leaves the folder" in done.output
    assert (tmp_path / "out/div2k/set/set/0001.png").read_bytes() == jpeg()
    assert not list(tmp_path.rglob("up.png"))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["list", "hubblesite.org", "--out", "x.csv"], "source 'hubblesite.org' is unknown"),
        (["list", "hla", "--out", "x.json"], "ends in .csv or .parquet"),
        (["fetch", "none.csv", "--out", "x"], "none.csv"),
        (["curate", "none"], "does not exist"),
        (["curate", "none", "--set", "maximum=3"], "'maximum' is not a parameter"),
    ],
)
def test_wrong_arguments_end_in_one_message(arguments, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = astrogan(*arguments)
    assert done.exit_code == 1
    assert expected in done.output
    assert "Traceback" not in done.output


def test_a_catalogue_of_images_at_hand(folder, tmp_path):
    root = catalogue_of_images(f"folder:{folder(2)}", tmp_path / "at-hand")
    rows = list(read_manifest(tmp_path / "at-hand/catalogue.csv"))
    assert [row.file for row in rows] == ["image-00.png", "image-01.png"]
    assert (root / rows[0].file).is_file()
    assert (rows[0].width, rows[0].height) == (200, 160)
    assert catalogue_of_images("sample", tmp_path / "sample").is_dir()
    (row,) = read_manifest(tmp_path / "sample/catalogue.csv")
    assert row.id == "hubble_deep_field.jpg"
    assert "NASA" in row.credit
