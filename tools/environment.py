"""`environment.yml` for conda users: the direct dependencies at the versions of `requirements.lock` (`make lock`)."""

import re
import tomllib
from pathlib import Path

from astrogan.files import write_text

UNLOCKED = {"peers"}
"""Extras that requirements.lock leaves out."""
HEAD = """\
# The direct dependencies at the versions of requirements.lock; `make lock` writes this file, a test keeps it in step.
#   conda env create --file environment.yml && conda activate astrogan && pip install --no-deps --editable .
name: astrogan
channels: [conda-forge]
dependencies:
  - python=3.11
  - pip
  - pip:
"""
LOCKED = re.compile(r"([\w.-]+)(?:\[\w+\])?==([^ ;]+)(?: ; (.+))?")


def canonical(name: str) -> str:
    """A package's name as indexes compare them."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked_versions(text: str) -> dict[str, str]:
    """Name to version for Python 3.11, of the lines of a requirements.lock."""
    versions = {}
    for name, version, marker in (LOCKED.fullmatch(line).groups() for line in text.splitlines()):
        if "python_full_version >= '3.12'" not in (marker or "") and "== '3.12.*'" not in (marker or ""):
            versions[canonical(name)] = version
    return versions


def locked_requirements(project: dict) -> list[str]:
    """The direct requirements of pyproject's `project` table, with those of the extras that are locked."""
    extras = project["optional-dependencies"].items()
    return [*project["dependencies"], *(each for name, wanted in extras if name not in UNLOCKED for each in wanted)]


def environment(project: dict, lock: str) -> str:
    """The text of environment.yml from pyproject's `project` table and the lock's text."""
    versions = locked_versions(lock)
    names = [re.match(r"[\w.-]+", entry)[0] for entry in locked_requirements(project)]
    return HEAD + "".join(f"      - {name}=={versions[canonical(name)]}\n" for name in names)


def main() -> None:
    """Write environment.yml."""
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    write_text("environment.yml", environment(project, Path("requirements.lock").read_text()))


if __name__ == "__main__":
    main()
