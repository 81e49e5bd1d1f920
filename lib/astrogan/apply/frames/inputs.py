"""Files, folders and patterns as a list of frames, each with a name of its own for its outputs."""

import glob
from dataclasses import dataclass
from pathlib import Path

from astrogan.apply.frames.frame import FrameError
from astrogan.apply.frames.read import SUFFIXES
from astrogan.base import AstroganError


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
        for entry in _files(item, out):
            if entry.path in found:
                continue
            if entry.fault is None and entry.stem in names:
                fault = FrameError(
                    entry.path,
                    f"its outputs would have the names of {names[entry.stem]}'s",
                    "rename it, or run it on its own",
                )
                entry = Input(entry.path, fault)
            names.setdefault(entry.stem, entry.path)
            found[entry.path] = entry
    return list(found.values())


def _files(item: str, out: Path) -> list[Input]:
    path = Path(item)
    if path.is_dir():
        if out.exists() and out.samefile(path):
            return [Input(path, FrameError(path, "it is the folder of the outputs, too", "choose another --out"))]
        try:
            files = sorted(file for file in path.iterdir() if file.is_file() and file.name.lower().endswith(SUFFIXES))
        except OSError as error:
            return [Input(path, FrameError(path, f"it cannot be read ({error.strerror})", "mend its permissions"))]
        if not files:
            return [
                Input(
                    path, FrameError(path, "no image in this folder", f"expected files ending in {', '.join(SUFFIXES)}")
                )
            ]
        return [Input(file) for file in files]
    if path.exists():
        return [Input(path)]
    matches = sorted(glob.glob(item))
    if matches:
        return [entry for match in matches for entry in _files(match, out)]
    return [Input(path, FrameError(item, "no such file, folder or pattern", "check the name"))]
