"""`make publish`: copy the light parts of a run into `book/results/`, absolute paths scrubbed, and ship its light models."""

import argparse
import base64
import io
import json
import re
import shutil
import sys
from pathlib import Path

from PIL import Image

from astrogan.base import AstroganError
from astrogan.book.ship import ship_models
from astrogan.files import write_atomic

PARTS = {
    "figures": "*",
    "tables": "*",
    "metrics": "*.json",
    "history": "*.json",
    "stages": "*.json",
    "data": "*.json",
    "notebooks": "*.ipynb",
}
FILES = ("provenance.json", "weights.json", "rows.json", "better.json", "claims.json")
MAX_FILE = 5_000_000
MAX_TOTAL = 40_000_000
LARGE_PICTURE = 100_000
"""Characters of base64 from which on a notebook's picture is compressed."""
TEXT = {".json", ".md", ".csv", ".ipynb", ".svg"}


def publish(run: Path, out: Path) -> int:
    """Replace `out` by the light parts of `run`; returns the bytes copied.

    Raises:
        AstroganError: when the run is not complete, a file is over 5 MB, or all are over 40 MB; `out` is then untouched.
    """
    if not (run / "provenance.json").is_file():
        raise AstroganError(
            f"{run} is not a finished run (no provenance.json). Run `make report PROFILE={run.name}` first."
        )
    files = [path for part, pattern in PARTS.items() for path in sorted((run / part).glob(pattern)) if _light(path)]
    files += [run / name for name in FILES if (run / name).is_file()]
    contents = {path.relative_to(run): _content(path) for path in files}
    heavy = {path: len(data) for path, data in contents.items() if len(data) > MAX_FILE}
    total = sum(map(len, contents.values()))
    if heavy or total > MAX_TOTAL:
        listed = ", ".join(f"{path} ({size / 1e6:.1f} MB)" for path, size in heavy.items())
        raise AstroganError(
            f"{run} is too heavy to publish: {total / 1e6:.1f} MB in all, at most {MAX_TOTAL / 1e6:.0f}"
            + (f"; over {MAX_FILE / 1e6:.0f} MB: {listed}" if listed else "")
            + ". Make the pictures smaller."
        )
    for part in [*PARTS, *FILES]:
        _remove(out / part)
    for path, data in contents.items():
        write_atomic(out / path, lambda file, data=data: file.write(data))
    return total


def _content(path: Path) -> bytes:
    """What is published of a file."""
    if path.suffix == ".ipynb":
        return scrub(compressed(path.read_text()), notebook=True).encode()
    return scrub(path.read_text()).encode() if path.suffix in TEXT else path.read_bytes()


def compressed(notebook: str) -> str:
    """A notebook's JSON with its large PNG outputs as JPEG: grids of photographs shrink to a sixth, and look the same.

    Quality 85, colour at full resolution, because colour is what the grids are about. Small pictures, such as plots, stay.
    """
    content = json.loads(notebook)
    for cell in content.get("cells", []):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if len(data.get("image/png", "")) > LARGE_PICTURE:
                png = base64.b64decode("".join(data.pop("image/png")))
                buffer = io.BytesIO()
                Image.open(io.BytesIO(png)).convert("RGB").save(
                    buffer, "JPEG", quality=85, subsampling=0, optimize=True
                )
                data["image/jpeg"] = base64.b64encode(buffer.getvalue()).decode()
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def scrub(text: str, notebook: bool = False, root: Path | None = None) -> str:
    """`text` without the paths of this machine: the checkout becomes `.`, the home folder `~`.

    In a notebook Papermill's metadata of input and output paths are made relative by the same rule.
    """
    root = root or Path.cwd()
    for path, name in ((root, "."), (root.resolve(), "."), (Path.home(), "~")):
        text = text.replace(json.dumps(str(path))[1:-1], name)
    text = re.sub(r"(/[\w.+-]+)+/(?=lib/python3)", "", text)
    if notebook:
        text = re.sub(r"/tmp/ipykernel_\d+/", "", text)
    return text


def _light(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".") and not path.name.endswith(".failed.ipynb")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    try:
        total = publish(arguments.run, arguments.out)
        cards = ship_models(arguments.run)
    except AstroganError as error:
        sys.exit(f"error: {error}")
    print(f"published {arguments.run} to {arguments.out}: {total / 1e6:.1f} MB")
    for card in cards:
        print(f"{card.name}: {card.path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
