"""The models that come with the package: of a published run, what is light enough and of use on a fresh clone."""

import logging
from pathlib import Path

from astrogan.apply.models import shipped
from astrogan.apply.models.cards import Card, run_card
from astrogan.experiments.catalogue import rows_in
from astrogan.files import read_json
from astrogan.run import Run
from astrogan.training.checkpoint import load_checkpoint

log = logging.getLogger(__name__)

MAX_FILE = 5_000_000


def ship_models(run: Run, folder: Path = shipped.FOLDER) -> list[Card]:
    """Replace the checkpoints in `folder` by the run's: the rows of `package` in the catalogue, and the best up-scaler.

    Only a run that decides claims ships any; another leaves `folder` as it is. A model whose weights take over 5 MB in
    float16 is left out, and the log says so. Returns the cards. `AstroganError` for a checkpoint that cannot be read or shipped.
    """
    if not read_json(run.record_file("provenance"))["decides"]:
        return []
    best = read_json(run.record_file("better")).get("best_upscaler", {}).get("row")
    cards = []
    for row in dict.fromkeys([*rows_in("package"), *([best] if best else [])]):
        path = run.checkpoint_file(row)
        if path.is_file():
            state = load_checkpoint(path)["networks"]["generator"]
            size = 2 * sum(tensor.numel() for tensor in state.values())
            if size >= MAX_FILE:
                log.warning("%s is not shipped: %.1f MB in float16, under %.0f wanted", row, size / 1e6, MAX_FILE / 1e6)
            else:
                cards.append(shipped.ship(run_card(path), state, folder, row))
    kept = {card.path.stem for card in cards}
    for old in [*folder.glob("*.safetensors"), *folder.glob("*.json")]:
        if old.stem not in kept:
            old.unlink()
    return cards
