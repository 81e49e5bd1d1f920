import time
import tracemalloc

import pytest

from astrogan.archives.manifest import COLUMNS, ManifestRow, checked_row, read_manifest, write_manifest
from astrogan.base import AstroganError

FULL = {
    "id": "heic1501a",
    "title": 'The "Pillars", of Creation\nagain',
    "sha256": "ab" * 32,
    "checksum": "md5:" + "0" * 32,
    "bytes": 123,
    "width": 1280,
    "height": 1000,
    "credit": "NASA, ESA, and the Hubble Heritage Team (STScI/AURA)",
    "date": "2015-01-05",
    "ra": 274.7,
    "dec": -13.84,
    "decision": "annotated",
    "detail": "'compass' in 'Compass of M 16'",
}


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_it_comes_back_as_it_was_written(tmp_path, row, suffix):
    rows = [row(**FULL), row("b"), row("Füße", title="日本")]
    path = write_manifest(tmp_path / f"m{suffix}", iter(rows))
    assert list(read_manifest(path)) == rows


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("source", "ESA Hubble", "pattern"),
        ("url", "ftp://x/y", "pattern"),
        ("sha256", "123", "pattern"),
        ("checksum", "crc:12", "expected: 'md5:'"),
        ("date", "5 January", "ISO 8601"),
        ("ra", 360, "less than 360"),
        ("width", "wide", "valid integer"),
        ("decision", "maybe", "'use'"),
        ("id", "", "at least 1"),
    ],
)
def test_a_wrong_cell_is_named(row, column, value, expected):
    with pytest.raises(AstroganError, match=f"line 7.*'{column}'.*{expected}"):
        checked_row(vars(row()) | {column: value}, "line 7")


def test_the_line_of_a_wrong_row_is_named(tmp_path, row):
    path = write_manifest(tmp_path / "m.csv", [row("a"), row("b")])
    path.write_text(path.read_text().replace("use", "perhaps"))
    with pytest.raises(AstroganError, match=r"m\.csv, line 2: column 'decision'"):
        list(read_manifest(path))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("file,observation\n", "missing columns: bytes"),
        (",".join([*COLUMNS, "colour"]) + "\n", "unknown columns: colour"),
        (",".join(COLUMNS) + "\nonly,two\n", "line 2: expected 21 cells"),
        (",".join(COLUMNS) + '\n"open', "cannot be read as CSV"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path, text, expected):
    (tmp_path / "m.csv").write_text(text)
    with pytest.raises(AstroganError, match=expected):
        list(read_manifest(tmp_path / "m.csv"))


def test_no_parquet_and_no_file(tmp_path):
    (tmp_path / "m.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(AstroganError, match="cannot be read as Parquet"):
        list(read_manifest(tmp_path / "m.parquet"))
    with pytest.raises(AstroganError, match="does not exist"):
        list(read_manifest(tmp_path / "none.csv"))
    with pytest.raises(AstroganError, match="ends in"):
        write_manifest(tmp_path / "m.json", [])


def test_a_failing_source_leaves_the_old_manifest(tmp_path, row):
    path = write_manifest(tmp_path / "m.csv", [row()])

    def rows():
        yield row("b")
        raise AstroganError("gone")

    with pytest.raises(AstroganError, match="gone"):
        write_manifest(path, rows())
    assert [r.id for r in read_manifest(path)] == ["a"]
    assert [p.name for p in tmp_path.iterdir()] == ["m.csv"]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_hundred_thousand_rows_stream(tmp_path, suffix):
    def rows():
        for i in range(100_000):
            named = {"source": "hla", "id": f"hst_{i}", "observation": f"hst_{i // 3}"}
            yield ManifestRow(**named, url=f"https://x.org/{i}.jpg", bytes=i)

    path = tmp_path / f"m{suffix}"
    start = time.process_time()
    write_manifest(path, rows())
    tracemalloc.start()
    count = sum(1 for _ in zip(read_manifest(path), range(5_000), strict=False))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 5_000
    assert peak < 30e6
    assert sum(row.bytes for row in read_manifest(path)) == sum(range(100_000))
    assert time.process_time() - start < 30
