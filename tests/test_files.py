import errno
import subprocess
import sys

import pytest

from astrogan.base import AstroganError
from astrogan.files import locked, read_json, sha256, write_atomic, write_json, write_text


def test_sha256_of_known_bytes(tmp_path):
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    assert sha256(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path):
    path = write_text(tmp_path / "x.txt", "old")

    def fails(file):
        file.write(b"new")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(AstroganError, match=r"x\.txt could not be saved: No space left.*untouched"):
        write_atomic(path, fails)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["x.txt"]


def test_a_real_limit_on_file_size_is_reported(tmp_path):
    """The operating system refuses to write on, as it does on a full disk."""
    script = """
import resource, signal, sys
from astrogan.files import write_atomic
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
write_atomic(sys.argv[1], lambda file: file.write(b"0" * 100_000))
"""
    command = [sys.executable, "-B", "-c", script, str(tmp_path / "big")]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert "AstroganError" in result.stderr
    assert "could not be saved" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_json_refuses_nan_and_reports_damage(tmp_path):
    with pytest.raises(ValueError, match="Out of range"):
        write_json(tmp_path / "x.json", float("nan"))
    (tmp_path / "y.json").write_text("{")
    with pytest.raises(AstroganError, match="not valid JSON"):
        read_json(tmp_path / "y.json")
    with pytest.raises(AstroganError, match="does not exist"):
        read_json(tmp_path / "z.json")


def test_a_lock_that_is_held_is_refused_and_then_free(tmp_path):
    with (
        locked(tmp_path / "x"),
        pytest.raises(AstroganError, match="being written by another process"),
        locked(tmp_path / "x"),
    ):
        pass
    with locked(tmp_path / "x"):
        pass
