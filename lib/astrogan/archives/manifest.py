"""The manifest: one row a file, what is known of it, and whether it is used. CSV or Parquet, read and written in a stream.

A row is valid or the error names its line and column. The columns `file`, `observation`, `sha256` and `credit` are those
that `data/sources.py` reads, so that a curated folder is a source as it is.
"""

import csv
import importlib
import io
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from astrogan.base import AstroganError
from astrogan.files import write_atomic

Part = Literal["", "red", "green", "blue"]
_ByWords = Literal["illustration", "chart", "annotated", "terrestrial"]
_ByPixels = Literal["unusable", "small", "duplicate", "blank", "white-border", "colourless"]
Decision = Literal["use", "listed-twice", _ByWords, _ByPixels, "override"]
BATCH = 2_000
"""Rows of a Parquet batch; what is in memory at once."""
CATALOGUE = "catalogue.csv"
"""The manifest of a folder of fetched files: what they turned out to be."""
MANIFEST = "manifest.csv"
"""The same folder's rows that curation left, which `data/sources.py` reads."""


class ManifestRow(BaseModel):
    """One file of an archive. Text that is not known is '', a number that is not known is None."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    source: str = Field(pattern=r"^[a-z0-9-]+$", description="name of the source")
    id: str = Field(min_length=1, max_length=400, description="unique in the source")
    observation: str = Field(min_length=1, description="rows of one observation are never split between sets")
    title: str = ""
    url: str = Field(pattern=r"^https?://[^\s]+$", description="of the file itself")
    file: str = Field("", description="path below the manifest, with forward slashes; '': not fetched")
    sha256: str = Field("", pattern=r"^([0-9a-f]{64})?$", description="of the bytes, once fetched")
    checksum: str = Field(
        "",
        pattern=r"^((md5|sha1|sha256|md5-first-mib):[0-9a-f]+)?$",
        description="'md5:', 'sha1:', 'sha256:' or 'md5-first-mib:' and lower-case hex digits, as the publisher gives it",
    )
    bytes: int | None = Field(None, ge=0)
    width: int | None = Field(None, ge=1, description="px")
    height: int | None = Field(None, ge=1, description="px")
    credit: str = ""
    licence: str = ""
    date: str = Field(
        "",
        pattern=r"^(\d{4}(-\d\d(-\d\d(T[0-9:.+Z-]+)?)?)?)?$",
        description="of release or observation, ISO 8601 such as 2015-03-21",
    )
    target: str = ""
    instruments: str = Field("", description="separated by '; '")
    ra: float | None = Field(None, ge=0, lt=360, description="ICRS, degrees")
    dec: float | None = Field(None, ge=-90, le=90, description="ICRS, degrees")
    part: Part = Field("", description="band of a three-band observation; '': the file is the image")
    decision: Decision = Field("use", description="'use', or why not")
    detail: str = Field("", description="of the exclusion: the word found, the value measured, the other id")

    @property
    def used(self) -> bool:
        """Whether nothing speaks against the file so far."""
        return self.decision == "use"

    def excluded(self, decision: Decision, detail: str = "") -> "ManifestRow":
        """This row with an exclusion."""
        return self.model_copy(update={"decision": decision, "detail": detail})


COLUMNS = list(ManifestRow.model_fields)
_NUMBERS = {"bytes": "int64", "width": "int64", "height": "int64", "ra": "float64", "dec": "float64"}


def optional(module: str) -> Any:
    """The imported module, which the extra `archives` brings; `AstroganError` says how to install what is missing."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise AstroganError(
            f"the package {error.name} is not installed, and this source needs it. Run: pip install 'astrogan[archives]'"
        ) from error


def checked_row(values: dict[str, object], where: str) -> ManifestRow:
    """A validated row; `AstroganError` names `where`, the columns and what was expected."""
    try:
        return ManifestRow.model_validate(values)
    except ValidationError as error:
        problems = []
        for item in error.errors():
            column = ".".join(map(str, item["loc"]))
            about = ManifestRow.model_fields[column].description if column in ManifestRow.model_fields else None
            expected = f" (expected: {about})" if about else ""
            problems.append(f"column '{column}' = {str(item['input'])[:80]!r}: {item['msg']}{expected}")
        raise AstroganError(f"{where}: {'; '.join(problems)}. Mend the row or list the source again.") from None


def read_manifest(path: Path | str) -> Iterator[ManifestRow]:
    """The rows of a .csv or .parquet manifest, one at a time; `AstroganError` for the first that is not valid."""
    path = Path(path)
    if not path.is_file():
        raise AstroganError(f"{path} does not exist. `astrogan data list` writes a manifest.")
    if path.suffix == ".parquet":
        yield from _read_parquet(path)
        return
    for where, values in read_csv(path, lambda header: _check_header(path, header)):
        yield checked_row({k: (v or None) if k in _NUMBERS else v for k, v in values.items()}, where)


def write_manifest(path: Path | str, rows: Iterable[ManifestRow]) -> Path:
    """Write rows as they come to a .csv or .parquet file, atomically: the old manifest stays until the new is whole."""
    path = Path(path)
    if path.suffix not in (".csv", ".parquet"):
        raise AstroganError(f"{path}: a manifest ends in .csv or .parquet.")
    return write_atomic(path, lambda file: (_write_parquet if path.suffix == ".parquet" else _write_csv)(file, rows))


def read_csv(path: Path, check_header: Callable[[list[str]], None]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each line of a CSV file as column to cell, and where it stands, for errors.

    Raises:
        AstroganError: for a file that is no CSV in UTF-8, and a line with too many or too few cells; and what
            `check_header` raises of the columns.
    """
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            header = list(reader.fieldnames or [])
            check_header(header)
            for values in reader:
                where = f"{path}, line {reader.line_num}"
                if None in values or None in values.values():
                    raise AstroganError(f"{where}: expected {len(header)} cells. Quote those with commas.")
                yield where, values
    except (csv.Error, OSError, UnicodeDecodeError) as error:
        raise AstroganError(f"{path} cannot be read as CSV in UTF-8 ({error}). Mend it or write it again.") from error


def _write_csv(file: IO[bytes], rows: Iterable[ManifestRow]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(["" if v is None else v for v in vars(row).values()] for row in rows)
    text.detach()


def _read_parquet(path: Path) -> Iterator[ManifestRow]:
    pyarrow, parquet = optional("pyarrow"), optional("pyarrow.parquet")
    try:
        with parquet.ParquetFile(path) as table:
            _check_header(path, table.schema_arrow.names)
            rows = (values for batch in table.iter_batches(BATCH) for values in batch.to_pylist())
            for number, values in enumerate(rows, 1):
                yield checked_row(values, f"{path}, row {number}")
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise AstroganError(f"{path} cannot be read as Parquet ({error}). List the source again.") from error


def _write_parquet(file: IO[bytes], rows: Iterable[ManifestRow]) -> None:
    pyarrow, parquet = optional("pyarrow"), optional("pyarrow.parquet")
    schema = pyarrow.schema([pyarrow.field(name, _NUMBERS.get(name, "string")) for name in COLUMNS])
    rows = iter(rows)
    with parquet.ParquetWriter(file, schema) as writer:
        while batch := [dict(vars(row)) for row in islice(rows, BATCH)]:
            writer.write_batch(pyarrow.RecordBatch.from_pylist(batch, schema))


def _check_header(path: Path, found: list[str]) -> None:
    if sorted(found) != sorted(COLUMNS):
        missing, unknown = (
            ", ".join(sorted(names)) or "none" for names in (set(COLUMNS) - set(found), set(found) - set(COLUMNS))
        )
        raise AstroganError(
            f"{path} is not a manifest of archives: missing columns: {missing}; unknown columns: {unknown}. "
            "`astrogan data list` writes one."
        )
