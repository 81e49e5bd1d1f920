"""The parameters cell of every notebook, written from the config model that the notebook's metadata names.

    python tools/parameters.py [--check]

The metadata are `"astrogan": {"config": "astrogan.data.config.DataStage", "values": {"size": 64}}`: the model, and what
this notebook has in place of its defaults. A line a parameter, typed as Papermill reads types, with its description;
comments at the top of the cell stay.
"""

import importlib
import sys
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import nbformat

from astrogan.base import AstroganError, Config

NOTEBOOKS = Path("notebooks")
FIRST = (
    *("run", "name", "task", "experiment", "phase", "rows", "casts", "once", "split", "start_from", "weights"),
    *("source", "kind", "size", "scales", "native", "fixed", "crop", "degradation"),
    *("losses", "criterion", "epochs", "batch", "lr"),
)
"""What is asked first; the others keep the model's order."""


def main(check: bool) -> None:
    """Write the cells anew; with `check`, `AstroganError` names the notebooks whose cell is another instead."""
    stale = []
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        cell = parameters_cell(notebook)
        source = generated(notebook, path)
        if cell.source != source:
            stale.append(str(path))
            cell.source = source
            if not check:
                nbformat.write(notebook, path)
    if check and stale:
        raise AstroganError(
            f"the parameters of {', '.join(stale)} are not those of the config: run tools/parameters.py"
        )


def parameters_cell(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The cell with the tag `parameters`."""
    return next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))


def config_of(notebook: nbformat.NotebookNode) -> type[Config]:
    """The model that the notebook's metadata names."""
    module, _, name = notebook.metadata["astrogan"]["config"].rpartition(".")
    return getattr(importlib.import_module(module), name)


def generated(notebook: nbformat.NotebookNode, path: Path) -> str:
    """The text of the cell; `AstroganError` for a value that the model refuses, or a field without a description."""
    model, own = config_of(notebook), dict(notebook.metadata["astrogan"]["values"])
    try:
        config = model.checked(**own)
    except AstroganError as error:
        raise AstroganError(f"{path}: {error}") from None
    # A training takes the parameters of its task alone.
    values = getattr(config, "parameters", None) or config.model_dump()
    place = {name: index for index, name in enumerate(FIRST)}
    names = sorted(values, key=lambda name: place.get(name, len(FIRST)))
    head = [line for line in parameters_cell(notebook).source.splitlines() if line.startswith("#")]
    return "\n".join([*head, *(_line(path, model, name, own[name] if name in own else values[name]) for name in names)])


def _line(path: Path, model: type[Config], name: str, value: Any) -> str:
    field = model.model_fields[name]
    if not field.description:
        raise AstroganError(f"{path}: '{name}' of {model.__name__} has no description")
    kind, choices = _type(field.annotation, value)
    described = field.description + (f" ({' | '.join(choices)})" if choices else "")
    return f"{name}: {kind} = {_shown(value)}  # {described}"


def _shown(value: Any) -> str:
    """As Python, strings in double quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_shown(key)}: {_shown(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_shown, value)) + "]"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if isinstance(value, str) else repr(value)


def _type(annotation: Any, value: Any) -> tuple[str, tuple[str, ...]]:
    """The name of a type, `Optional[...]` quoted because no notebook imports it, and the choices that it leaves."""
    optional = value is None
    if get_origin(annotation) in (Union, UnionType):
        optional, (annotation,) = True, [each for each in get_args(annotation) if each is not NoneType]
    choices = get_args(annotation) if get_origin(annotation) is Literal else ()
    name = "str" if choices else (get_origin(annotation) or annotation).__name__
    return (f'"Optional[{name}]"' if optional else name), choices


if __name__ == "__main__":
    try:
        main(check="--check" in sys.argv[1:])
    except AstroganError as error:
        sys.exit(f"error: {error}")
