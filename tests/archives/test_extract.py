"""Hostile members of a zip and a tar are refused with a reason; the images beside them come out."""

import io
import tarfile
import zipfile

import pytest

from astrogan.archives.extract import extract
from astrogan.base import AstroganError


def tar(path, *members, mode="w:gz"):
    """Each member: (name, bytes) or a TarInfo."""
    with tarfile.open(path, mode) as packed:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                packed.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                packed.addfile(info, io.BytesIO(member[1]))
    return path


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def written(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


HOSTILE = ["../up.jpg", "a/../../up.jpg", "/abs.jpg", "C:\\x.jpg", "a\\..\\..\\x.jpg", "C:x.jpg", ".ssh/key.jpg"]


def test_hostile_members_of_a_tar(tmp_path):
    path = tar(
        tmp_path / "x.tgz",
        ("set/one.jpg", b"1"),
        *((name, b"bad") for name in HOSTILE),
        special("set/link.jpg", tarfile.SYMTYPE, "/etc/passwd"),
        special("set/hard.jpg", tarfile.LNKTYPE, "../../etc/passwd"),
        special("set/pipe.jpg", tarfile.FIFOTYPE),
        special("set/device.jpg", tarfile.CHRTYPE),
        ("set/ONE.jpg", b"again"),
        ("set/notes.txt", b"text"),
        special("set", tarfile.DIRTYPE),
        ("set/two.png", b"22"),
    )
    found = extract(path, tmp_path / "out")
    assert found.files == ["set/one.jpg", "set/two.png"] == written(tmp_path / "out")
    assert found.ignored == 1
    reasons = dict(found.refused)
    assert set(reasons) == {*HOSTILE, *(f"set/{n}.jpg" for n in ("link", "hard", "pipe", "device", "ONE"))}
    assert "leaves the folder" in reasons["../up.jpg"]
    assert "link" in reasons["set/link.jpg"]
    assert "second member" in reasons["set/ONE.jpg"]
    assert written(tmp_path) == ["out/set/one.jpg", "out/set/two.png", "x.tgz"]


def test_hostile_members_of_a_zip(tmp_path):
    link = zipfile.ZipInfo("set/link.jpg")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("set/one.jpg", b"1")
        for name in HOSTILE:
            packed.writestr(name, b"bad")
        packed.writestr(link, "/etc/passwd")
        packed.writestr("set/bomb.png", bytes(5_000_000))
        packed.writestr("set/readme", b"text")
        packed.writestr("set/two.png", b"22")
    found = extract(tmp_path / "x.zip", tmp_path / "out")
    assert found.files == ["set/one.jpg", "set/two.png"] == written(tmp_path / "out")
    reasons = dict(found.refused)
    assert len(reasons) == len(HOSTILE) + 2
    assert "packed into" in reasons["set/bomb.png"]
    assert "a link" in reasons["set/link.jpg"]
    assert written(tmp_path) == ["out/set/one.jpg", "out/set/two.png", "x.zip"]


def test_a_member_that_is_larger_than_allowed(tmp_path):
    path = tar(tmp_path / "x.tar", ("a.jpg", b"x" * 100), ("b.jpg", b"y"), mode="w")
    found = extract(path, tmp_path, member_bytes=50)
    assert (found.files, found.refused) == (["b.jpg"], [("a.jpg", "100 bytes; at most 50")])


def test_a_zip_whose_header_lies_about_a_size(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as packed:
        packed.writestr("a.jpg", b"x" * 1000)
    data = bytearray((tmp_path / "x.zip").read_bytes())
    at = data.find(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")  # uncompressed size in the central directory
    (tmp_path / "x.zip").write_bytes(data)
    found = extract(tmp_path / "x.zip", tmp_path / "out")
    assert found.files == []
    assert [name for name, _ in found.refused] == ["a.jpg"]
    assert written(tmp_path / "out") == []


def test_a_link_on_disk_does_not_lead_out(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out/set").symlink_to(tmp_path / "elsewhere")
    found = extract(tar(tmp_path / "x.tgz", ("set/a.jpg", b"1")), tmp_path / "out")
    assert found.refused == [("set/a.jpg", "its path leaves the folder by a link")]
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("make", ["html", "cut"])
def test_what_is_no_archive(tmp_path, make):
    path = tar(tmp_path / "x.tgz", ("a.jpg", bytes(range(256)) * 200))
    path.write_bytes(b"<html>moved</html>" if make == "html" else path.read_bytes()[:-200])
    with pytest.raises(AstroganError, match=r"x\.tgz is damaged.*Fetch it again"):
        extract(path, tmp_path / "out")
    assert written(tmp_path) == ["x.tgz"]


def test_a_second_time_writes_nothing_new(tmp_path):
    path = tar(tmp_path / "x.tgz", ("a.jpg", b"1"))
    extract(path, tmp_path / "out")
    before = (tmp_path / "out/a.jpg").stat().st_mtime_ns
    assert extract(path, tmp_path / "out").files == ["a.jpg"]
    assert (tmp_path / "out/a.jpg").stat().st_mtime_ns == before
