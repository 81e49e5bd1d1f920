"""Which models there are, which one to take, and how they are listed."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from textwrap import fill

from astrogan.apply.models import shipped
from astrogan.apply.models.cards import Card, run_card
from astrogan.base import AstroganError
from astrogan.run import Run
from astrogan.tasks import TASKS, TaskName

PROFILES = ("paper", "gpu", "cpu", "quick", "smoke")
"""From the highest down; runs of other names, such as `interactive`, come last."""
_PREFERRED = ("lab-improved", "lab-resnet18")


def find_cards(runs: Path = Path("runs"), folder: Path | None = None) -> tuple[list[Card], list[str]]:
    """Cards of every checkpoint of the local runs and of those shipped, and what was wrong with files that have none."""
    folder = folder or shipped.FOLDER
    cards, faults = [], []
    files = [(path, run_card) for run in sorted(runs.glob("*")) for path in Run(run).checkpoint_files()]
    files += [(path, shipped.shipped_card) for path in sorted(folder.glob("*.safetensors"))]
    for path, read in files:
        try:
            cards.append(read(path))
        except AstroganError as error:
            faults.append(str(error))
    return sorted(cards, key=lambda card: (_rank(card), card.name)), faults


def choose(task: TaskName, cards: Iterable[Card], wanted: str | None = None) -> Card:
    """The card to use for `task`: the `wanted` one (a path or a listed name), else the default.

    The default is the fine-tuned L*a*b* model (colour; our recipe before the paper's), or the best by validation PSNR
    (up-scaling), of the highest profile that has one; validation values are compared on one and the same validation set
    only.

    Raises:
        AstroganError: when there is none, the wanted one does not exist or is of the other task, or the candidates were
            validated on different sets.
    """
    cards, does = list(cards), TASKS[task].words.does
    if wanted:
        card = _named(wanted, cards)
        if card.task != task:
            raise AstroganError(
                f"{wanted} {TASKS[card.task].words.does}; `{TASKS[task].words.command}` needs a model that {does}. "
                "`astrogan models` lists them."
            )
        return card
    candidates = [card for card in cards if card.task == task and _usable(card)]
    if not candidates:
        raise AstroganError(
            f"there is no model that {does}. `make report` trains one on the images that the dependencies ship (minutes; "
            "PROFILE=paper for the real thing), or name a checkpoint with --model."
        )
    highest = min(map(_rank, candidates))
    candidates = [card for card in candidates if _rank(card) == highest]
    if task == "colour":
        return min(
            candidates, key=lambda card: (_place(card.experiment, _PREFERRED), card.experiment, card.seed, card.name)
        )
    return _best_upscaler(candidates)


def seeds_of(card: Card, cards: Iterable[Card]) -> list[Card]:
    """The other models that differ from `card` in their seed alone: profile, phase, network, size and tiles are equal."""

    def same(other: Card):
        return (other.task, other.profile, other.phase, other.network, other.size, other.tiles, other.degradation)

    found = {other.seed: other for other in cards if same(other) == same(card) and other.seed != card.seed}
    return [found[seed] for seed in sorted(found)]


def defaults(cards: list[Card]) -> dict[TaskName, Card | None]:
    """The default model of each task; None: there is none."""
    found: dict[TaskName, Card | None] = dict.fromkeys(TASKS)
    for task in TASKS:
        with suppress(AstroganError):
            found[task] = choose(task, cards)
    return found


def listing(cards: list[Card], faults: list[str], default: dict[TaskName, Card | None]) -> str:
    """Every card as text, the defaults marked, and what its outputs mean once a task."""
    if not cards:
        return "\n".join(
            ["No model is here yet. `make report` trains some on the images that the dependencies ship.", *faults]
        )
    blocks = []
    for task, words in ((name, task.words) for name, task in TASKS.items()):
        some = [card for card in cards if card.task == task]
        if some:
            blocks += [f"Models that {words.heading} (astrogan {words.command})", fill(words.meaning, 100)]
            blocks += [_text(card, card == default[task]) for card in some]
    return "\n\n".join([*blocks, *(f"cannot be used: {fault}" for fault in faults)])


def _text(card: Card, is_default: bool) -> str:
    facts = (f"{name}: {value}" for name, value in ({"file": card.path} | card.facts).items())
    lines = (fill(line, 100, initial_indent="    ", subsequent_indent="      ") for line in facts)
    return "\n".join([f"{card.name}{'   [default]' if is_default else ''}", *lines])


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


def _rank(card: Card) -> int:
    return _place(card.profile, PROFILES)


def _place(name: str, order: tuple[str, ...]) -> int:
    return order.index(name) if name in order else len(order)
