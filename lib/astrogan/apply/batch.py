"""Many frames one after the other: a bad one is reported, and the others are done."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tqdm import tqdm

from astrogan.apply.frames.inputs import Input
from astrogan.apply.work import Advance, Done
from astrogan.base import AstroganError

BAR = "{desc} [{bar:30}] {percentage:3.0f} % {elapsed}"


def run_batch(inputs: list[Input], work: Callable[[Path, str, Advance], Done]) -> list[Path]:
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
                done = work(entry.path, entry.stem, partial(_advance, bar))
            except AstroganError as error:
                failed.append(entry.path)
                bar.close()
                print(f"astrogan: {' '.join(str(error).split())}", file=sys.stderr)
                continue
            except MemoryError:
                failed.append(entry.path)
                bar.close()
                print(
                    f"astrogan: {entry.path}: out of memory. Close other programs, or cut it into pieces.",
                    file=sys.stderr,
                )
                continue
        for note in done.notes:
            print(f"{entry.path.name}: {note}", file=sys.stderr)
        print(f"{entry.path} -> {', '.join(str(path) for path in done.products.all)}")
    if failed:
        print(f"astrogan: {len(inputs) - len(failed)} of {len(inputs)} done, {len(failed)} failed", file=sys.stderr)
    return failed


def _advance(bar: tqdm, share: float) -> None:
    done = bar.n + share
    bar.n = done if done < 1 - 1e-6 else 1.0  # shares add up to 1 but for rounding
    bar.refresh()
