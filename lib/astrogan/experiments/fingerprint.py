"""What a stage depends on besides its input files: its notebook's code and the library modules that it imports.

Snakemake gets these as parameters of a rule, so a change of one of them, and nothing else, is a reason to run the stage
again, and `snakemake -n` prints which one it was. Outputs, metadata and prose of a notebook do not count: saving it in
JupyterLab retrains nothing.
"""

import ast
import hashlib
import json
from functools import cache
from pathlib import Path

PACKAGE = "astrogan"
LIBRARY = Path(__file__).parents[1]


def stage_code(notebook: Path) -> list[str]:
    """`name:digest` of the notebook's code and of each module of the library that it imports, directly or not."""
    code = notebook_code(notebook)
    modules = sorted(closure(imported_modules(code)))
    return [f"{notebook.name}:{_digest(code)}", *(f"{name}:{_module_digest(name)}" for name in modules)]


def module_code(module: str) -> list[str]:
    """The same for a stage that is a module of the library and not a notebook."""
    return [f"{name}:{_module_digest(name)}" for name in sorted(closure({module}))]


def notebook_code(path: Path) -> str:
    """The source of a notebook's code cells."""
    cells = json.loads(path.read_text())["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def imported_modules(code: str) -> set[str]:
    """The library's modules that Python `code` imports, at its top or inside functions."""
    found = set()
    for node in ast.walk(ast.parse(_without_magics(code))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from astrogan.data import tiles` names a module, `from astrogan.color import luma` a thing inside one.
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in found if _file(name) is not None}


def closure(modules: set[str]) -> set[str]:
    """`modules` and all that they import within the library."""
    seen: set[str] = set()
    waiting = set(modules)
    while waiting:
        name = waiting.pop()
        seen.add(name)
        waiting |= _module_imports(name) - seen
    return seen


def digest_files(root: Path, pattern: str) -> list[str]:
    """`path:digest` of the files below `root` that match, for stages that read them as they are."""
    return [
        f"{path.relative_to(root)}:{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
        for path in sorted(root.glob(pattern))
        if path.is_file()
    ]


def folder_seen(folder: Path) -> str:
    """`files:digest` of what lies below `folder`: names and sizes, and the content of CSV manifests there and beside it.

    Names and sizes stand for content, since hashing every image at each look would take as long as some stages.
    """
    if not folder.is_dir():
        return "absent"
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    text = "\n".join(f"{path.relative_to(folder)}:{path.stat().st_size}" for path in files)
    manifests = [path for path in (folder / "manifest.csv", folder.parent / "manifest.csv") if path.is_file()]
    return f"{len(files)} files:{_digest(text + ''.join(path.read_text() for path in manifests))}"


@cache
def _module_imports(name: str) -> frozenset[str]:
    return frozenset(imported_modules(_file(name).read_text()))


@cache
def _module_digest(name: str) -> str:
    file = _file(name)
    beside = [] if file.name == "__init__.py" else sorted(file.parent.glob(f"{file.stem}.yaml"))
    return _digest("".join(path.read_text() for path in [file, *beside]))


def _file(name: str) -> Path | None:
    parts = name.split(".")
    if parts[0] != PACKAGE:
        return None
    base = LIBRARY.joinpath(*parts[1:])
    for file in (base.with_suffix(".py"), base / "__init__.py"):
        if file.is_file():
            return file
    return None


def _without_magics(code: str) -> str:
    return "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in code.splitlines())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
