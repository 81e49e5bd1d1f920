import errno

import pytest

from astrogan.apply.outputs.atomic import written_together
from astrogan.base import AstroganError


def fail_half_way(paths):
    with written_together(paths) as names:
        names[0].write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")


def test_both_appear_or_neither(tmp_path):
    paths = [tmp_path / "new" / "a", tmp_path / "new" / "b"]
    with written_together(paths) as names:
        for name, text in zip(names, "ab", strict=True):
            name.write_text(text)
        assert not any(path.exists() for path in paths)
    assert [path.read_text() for path in paths] == ["a", "b"]
    with pytest.raises(AstroganError, match=r"a, b could not be saved.*No space left"):
        fail_half_way(paths)
    assert [path.read_text() for path in paths] == ["a", "b"]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["a", "b"]


def test_a_fault_of_the_program_is_not_hidden_and_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), written_together([tmp_path / "a"]):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(AstroganError, match="cannot be written"), written_together([tmp_path / "file" / "a"]):
        pass
