"""Publishing: copy the light parts of a run into `book/results/`, absolute paths scrubbed.

Its light models come with the package: what is of use on a fresh clone.
"""

import base64
import io
import json
import logging
import re
import shutil
from pathlib import Path

from PIL import Image

from astrogan.apply.models import shipped
from astrogan.apply.models.cards import Card, run_card
from astrogan.base import AstroganError
from astrogan.experiments.catalogue import rows_in
from astrogan.files import read_json, write_atomic
from astrogan.run import Run
from astrogan.training.checkpoint import load_checkpoint

log = logging.getLogger(__name__)

RECORDS = ("provenance", "weights", "rows", "better", "claims")
MAX_FILE = 5_000_000
MAX_TOTAL = 60_000_000
LARGE_PICTURE = 100_000
"""Characters of base64 from which on a notebook's picture is compressed."""
TEXT = {".json", ".md", ".csv", ".ipynb", ".svg"}


def publish_and_ship(run: Path, out: Path) -> None:
    """Publish a run in `out`, ship its light models with the package, and say what was done; raises what these raise."""
    total = publish(run, out)
    print(f"published {run} to {out}: {total / 1e6:.1f} MB")
    for card in ship_models(Run(run)):
        print(f"{card.name}: {card.path.stat().st_size / 1e6:.1f} MB")


def publish(run: Path, out: Path) -> int:
    """Replace `out` by the light parts of `run`; returns the bytes copied.

    Raises:
        AstroganError: when the run is not complete, a file is over 5 MB, or all are over 60 MB; `out` is then untouched.
    """
    if not Run(run).record_file("provenance").is_file():
        raise AstroganError(
            f"{run} is not a finished run (no provenance.json). Run `make report PROFILE={run.name}` first."
        )
    found = (path for light in _light(Run(run)) for path in sorted(light.parent.glob(light.name)) if path.is_file())
    contents = {
        path.relative_to(run): _content(path)
        for path in found
        if not path.name.startswith(".") and not path.name.endswith(".failed.ipynb")
    }
    heavy = {path: len(data) for path, data in contents.items() if len(data) > MAX_FILE}
    total = sum(map(len, contents.values()))
    if heavy or total > MAX_TOTAL:
        listed = ", ".join(f"{path} ({size / 1e6:.1f} MB)" for path, size in heavy.items())
        raise AstroganError(
            f"{run} is too heavy to publish: {total / 1e6:.1f} MB in all, at most {MAX_TOTAL / 1e6:.0f}"
            + (f"; over {MAX_FILE / 1e6:.0f} MB: {listed}" if listed else "")
            + ". Make the pictures smaller."
        )
    for light in _light(Run(out)):
        if light.parent == out:
            light.unlink(missing_ok=True)
        else:
            shutil.rmtree(light.parent, ignore_errors=True)
    for path, data in contents.items():
        write_atomic(out / path, lambda file, data=data: file.write(data))
    return total


def ship_models(run: Run, folder: Path = shipped.FOLDER) -> list[Card]:
    """Replace the checkpoints in `folder` by the run's: the rows of `package` in the catalogue, and the best up-scaler.

    Only a run that decides claims ships any; another leaves `folder` as it is. A model whose weights take over 5 MB in
    float16 is left out, and the log says so. Returns the cards. `AstroganError` for a checkpoint that cannot be read or shipped.
    """
    if not read_json(run.record_file("provenance"))["decides"]:
        return []
    best = read_json(run.record_file("better")).get("best_upscaler", {}).get("row")
    cards = []
    for row in filter(None, dict.fromkeys((*rows_in("package"), best))):
        if not (path := run.checkpoint_file(row)).is_file():
            continue
        state = load_checkpoint(path)["networks"]["generator"]
        size = 2 * sum(tensor.numel() for tensor in state.values())
        if size < MAX_FILE:
            cards.append(shipped.ship(run_card(path), state, folder, row))
        else:
            log.warning("%s is not shipped: %.1f MB in float16, under %.0f wanted", row, size / 1e6, MAX_FILE / 1e6)
    kept = {card.path.stem for card in cards}
    for old in [*folder.glob("*.safetensors"), *folder.glob("*.json")]:
        if old.stem not in kept:
            old.unlink()
    return cards


def _light(run: Run) -> list[Path]:
    """What is published of a run: files, or patterns of the files of a folder."""
    tables = [run.table_file("*"), run.table_file("*", "csv"), run.index_file("tables")]
    measured = [
        run.measures_file("*"),
        run.metrics_file("*"),
        run.history_file("*"),
        run.stage_file("*"),
        run.data_file("*"),
    ]
    shown = [run.figure_file("*"), run.index_file("figures"), *tables, *measured, run.notebook_file("*")]
    return [*shown, *map(run.record_file, RECORDS)]


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
                image = Image.open(io.BytesIO(base64.b64decode("".join(data.pop("image/png")))))
                buffer = io.BytesIO()
                image.convert("RGB").save(buffer, "JPEG", quality=85, subsampling=0, optimize=True)
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
    return re.sub(r"/tmp/ipykernel_\d+/", "", text) if notebook else text
