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
