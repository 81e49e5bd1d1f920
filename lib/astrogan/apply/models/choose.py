"""Which models there are, which one to take, and its network ready to run."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from astrogan.apply.models import shipped
from astrogan.apply.models.cards import Card, Task, run_card
from astrogan.base import AstroganError
from astrogan.files import sha256
from astrogan.models.build import build_generator
from astrogan.models.config import NetworkConfig, UpscaleNetworkConfig
from astrogan.models.upscaler import build_upscaler
from astrogan.models.weights import nothing_at_hand
from astrogan.training.checkpoint import load_checkpoint

PROFILES = ("paper", "gpu", "cpu", "quick", "smoke")
"""From the highest down; runs of other names, such as `interactive`, come last."""
_PREFERRED = ("lab-improved", "lab-resnet18")
DOES = {"colour": "colours", "upscale": "up-scales"}
COMMAND = {"colour": "colorize", "upscale": "upscale"}


@dataclass(frozen=True)
class Model:
    """A network in eval mode on the CPU, and where it came from."""

    card: Card
    network: nn.Module
    sha256: str


def find_cards(runs: Path = Path("runs"), folder: Path | None = None) -> tuple[list[Card], list[str]]:
    """Cards of every checkpoint of the local runs and of those shipped, and what was wrong with files that have none."""
    folder = folder or shipped.FOLDER
    cards, faults = [], []
    files = [(path, run_card) for path in sorted(runs.glob("*/checkpoints/*/*.pt"))]
    files += [(path, shipped.shipped_card) for path in sorted(folder.glob("*.safetensors"))]
    for path, read in files:
        try:
            cards.append(read(path))
        except AstroganError as error:
            faults.append(str(error))
    return sorted(cards, key=lambda card: (_rank(card), card.name)), faults


def choose(task: Task, cards: Iterable[Card], wanted: str | None = None) -> Card:
    """The card to use for `task`: the `wanted` one (a path or a listed name), else the default.

    The default is the fine-tuned L*a*b* model (colour; our recipe before the paper's), or the best by validation PSNR
    (up-scaling), of the highest profile that has one; validation values are compared on one and the same validation set
    only.

    Raises:
        AstroganError: when there is none, the wanted one does not exist or is of the other task, or the candidates were
            validated on different sets.
    """
    cards = list(cards)
    if wanted:
        card = _named(wanted, cards)
        if card.task != task:
            raise AstroganError(
                f"{wanted} {DOES[card.task]}; `{COMMAND[task]}` needs a model that {DOES[task]}. `astrogan models` lists them."
            )
        return card
    candidates = [card for card in cards if card.task == task and _usable(card)]
    if not candidates:
        raise AstroganError(
            f"there is no model that {DOES[task]}. `make report` trains one on the images that the dependencies ship (minutes; "
            "PROFILE=paper for the real thing), or name a checkpoint with --model."
        )
    highest = min(map(_rank, candidates))
    candidates = [card for card in candidates if _rank(card) == highest]
    if task == "colour":
        return min(candidates, key=lambda card: (_taste(card), card.experiment, card.seed, card.name))
    return _best_upscaler(candidates)


def seeds_of(card: Card, cards: Iterable[Card]) -> list[Card]:
    """The other models that differ from `card` in their seed alone: profile, phase, network, size and tiles are equal."""

    def same(other: Card):
        return (other.task, other.profile, other.phase, other.network, other.size, other.tiles, other.degradation)

    found = {other.seed: other for other in cards if same(other) == same(card) and other.seed != card.seed}
    return [found[seed] for seed in sorted(found)]


def open_model(card: Card) -> Model:
    """Load the network of a card.

    Raises:
        AstroganError: when the file is damaged, or its weights do not fit the network that it names.
    """
    if card.path.suffix == ".safetensors":
        state = shipped.shipped_state(card.path)
    else:
        state = load_checkpoint(card.path, expected={"task": card.task})["networks"]["generator"]
    if card.task == "colour":
        find = nothing_at_hand("replaced by the checkpoint's")
        network = build_generator(NetworkConfig.checked(**card.network), card.size, find).network
    else:
        network = build_upscaler(UpscaleNetworkConfig.checked(**card.network))
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise AstroganError(
            f"{card.path} does not hold the weights of the network that it names ({card.network}): it belongs to another "
            "configuration or version. Train it again, or name another with --model."
        ) from error
    return Model(card, network.eval(), sha256(card.path))


def _named(wanted: str, cards: list[Card]) -> Card:
    for card in cards:
        if wanted == card.name:
            return card
    path = Path(wanted)
    if not path.is_file():
        raise AstroganError(
            f"there is no model '{wanted}', neither a file nor a listed name. `astrogan models` lists them."
        )
    return shipped.shipped_card(path) if path.suffix == ".safetensors" else run_card(path.absolute())


def _usable(card: Card) -> bool:
    """Whether a model may be taken without being asked for."""
    if card.task == "upscale":
        return "psnr" in card.validation
    return card.phase == "finetune" and card.network.get("space") == "lab"


def _best_upscaler(candidates: list[Card]) -> Card:
    # The fine-tuned ones saw astronomy; the others of the same profile may have been validated on photographs.
    tuned = [card for card in candidates if card.phase == "finetune"] or candidates
    sets = {(card.tiles, card.degradation) for card in tuned}
    if len(sets) > 1:
        names = ", ".join(card.name for card in tuned)
        raise AstroganError(
            f"{names} were validated on different sets, so that their values cannot be compared. Choose one with --model."
        )
    same = [card for card in candidates if (card.tiles, card.degradation) in sets]
    return max(same, key=lambda card: (card.validation["psnr"], card.name))


def _taste(card: Card) -> int:
    return _PREFERRED.index(card.experiment) if card.experiment in _PREFERRED else len(_PREFERRED)


def _rank(card: Card) -> int:
    return PROFILES.index(card.profile) if card.profile in PROFILES else len(PROFILES)
