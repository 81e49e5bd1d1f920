"""A task on the frames that files, folders and patterns name: a bad one is reported, and the others are done."""

import glob
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tqdm import tqdm

from astrogan.apply.frames import SUFFIXES, FrameError
from astrogan.apply.models.cards import Card
from astrogan.apply.models.catalogue import seeds_of
from astrogan.apply.models.loaded import open_model
from astrogan.apply.outputs.products import Request
from astrogan.apply.work import WORK, Advance
from astrogan.base import AstroganError

BAR = "{desc} [{bar:30}] {percentage:3.0f} % {elapsed}"


@dataclass(frozen=True)
class Input:
    """A file to work on, or the reason why there is none."""

    path: Path
    fault: AstroganError | None = None

    @property
    def stem(self) -> str:
        """The file's name without its ending, `.fits.gz` counting as one."""
        name = self.path.name
        ending = max((s for s in SUFFIXES if name.lower().endswith(s)), key=len, default=self.path.suffix)
        return name[: len(name) - len(ending)] or name


def expand(items: list[str], out: Path) -> list[Input]:
    """Every file that `items` (files, folders, patterns) name, each once, in order; what cannot be had carries its fault."""
    found: dict[Path, Input] = {}
    names: dict[str, Path] = {}
    for item in items:
        for name in [item] if Path(item).exists() else sorted(glob.glob(item)) or [item]:
            try:
                paths, fault = _files(Path(name), out), None
            except FrameError as error:
                paths, fault = [Path(name)], error
            for entry in (Input(path, fault) for path in paths if path not in found):
                if entry.fault is None and entry.stem in names:
                    clash = f"its outputs would have the names of {names[entry.stem]}'s"
                    entry = Input(entry.path, FrameError(entry.path, clash, "rename it, or run it on its own"))
                names.setdefault(entry.stem, entry.path)
                found[entry.path] = entry
    return list(found.values())


def _files(path: Path, out: Path) -> list[Path]:
    """A file itself, or the images of a folder; `FrameError` where there is neither."""
    if not path.exists():
        raise FrameError(path, "no such file, folder or pattern", "check the name")
    if not path.is_dir():
        return [path]
    if out.exists() and out.samefile(path):
        raise FrameError(path, "it is the folder of the outputs, too", "choose another --out")
    try:
        files = sorted(file for file in path.iterdir() if file.is_file() and file.name.lower().endswith(SUFFIXES))
    except OSError as error:
        raise FrameError(path, f"it cannot be read ({error.strerror})", "mend its permissions") from error
    if not files:
        raise FrameError(path, "no image in this folder", f"expected files ending in {', '.join(SUFFIXES)}")
    return files


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
