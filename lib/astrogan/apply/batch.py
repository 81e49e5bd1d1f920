"""A task on many frames, one after the other: a bad one is reported, and the others are done."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tqdm import tqdm

from astrogan.apply.frames.inputs import Input
from astrogan.apply.models.cards import Card
from astrogan.apply.models.catalogue import seeds_of
from astrogan.apply.models.loaded import open_model
from astrogan.apply.outputs.products import Request
from astrogan.apply.work import WORK, Advance
from astrogan.base import AstroganError

BAR = "{desc} [{bar:30}] {percentage:3.0f} % {elapsed}"


def run_task(
    card: Card,
    cards: list[Card],
    inputs: list[Input],
    request: Request,
    say: Callable[[str], object] = lambda text: None,
) -> list[Path]:
    """Do the task of a model on each input; the inputs that failed.

    The model's other seeds among `cards` add to the spread. `say` is told which model it is and what its outputs mean.

    Raises:
        AstroganError: for a folder of outputs or a model that cannot be used.
    """
    try:
        request.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AstroganError(f"{request.out} cannot be written: {error.strerror}. Choose another --out.") from error
    others = seeds_of(card, cards) if request.uncertainty else []
    score = f"validation {card.score}" if card.score else "no validation value"
    say(f"model: {card.name} ({score}), trained on {card.trained_on}")
    say(card.words)
    if request.uncertainty:
        say(f"uncertainty: 8 views, seeds {[card.seed, *(other.seed for other in others)]}")
    return run_batch(inputs, WORK[card.task]([open_model(one) for one in (card, *others)], request))


def run_batch(inputs: list[Input], work: Callable[[Path, str, Advance], tuple[list[Path], list[str]]]) -> list[Path]:
    """Do `work` on each input, with a progress bar in plain text on stderr; returns the inputs that failed.

    Only what a user can mend is caught and reported, out of memory among it; a fault of the program ends the batch.
    """
    failed = []
    for number, entry in enumerate(inputs, 1):
        name = f"{number}/{len(inputs)} {entry.path.name}"
        with tqdm(total=1.0, desc=name, ascii=".#", bar_format=BAR, ncols=100, file=sys.stderr, disable=None) as bar:
            try:
                if entry.fault:
                    raise entry.fault
                outputs, notes = work(entry.path, entry.stem, partial(_advance, bar))
            except (AstroganError, MemoryError) as error:
                memory = f"{entry.path}: out of memory. Close other programs, or cut it into pieces."
                text = memory if isinstance(error, MemoryError) else " ".join(str(error).split())
                failed.append(entry.path)
                bar.close()
                print(f"astrogan: {text}", file=sys.stderr)
                continue
        for note in notes:
            print(f"{entry.path.name}: {note}", file=sys.stderr)
        print(f"{entry.path} -> {', '.join(str(path) for path in outputs)}")
    if failed:
        print(f"astrogan: {len(inputs) - len(failed)} of {len(inputs)} done, {len(failed)} failed", file=sys.stderr)
    return failed


def _advance(bar: tqdm, share: float) -> None:
    done = bar.n + share
    bar.n = done if done < 1 - 1e-6 else 1.0  # shares add up to 1 but for rounding
    bar.refresh()
