import json
from pathlib import Path

import pytest

from astrogan import fingerprint
from astrogan.fingerprint import (
    closure,
    digest_files,
    folder_seen,
    imported_modules,
    module_code,
    normalised,
    stage_code,
)


def notebook(path, code, output="", prose="Some words."):
    cells = [
        {"cell_type": "markdown", "source": [prose], "metadata": {}},
        {"cell_type": "code", "source": code.splitlines(keepends=True), "metadata": {"x": output}, "outputs": [output]},
    ]
    path.write_text(json.dumps({"cells": cells}))
    return path


FACE = """
from typing import TYPE_CHECKING
from astrogan.rooms.early import early
from astrogan.rooms.inner import deep as renamed
if TYPE_CHECKING:
    from astrogan.rooms.late import late
OWN = 1
"""


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A small library: `a` imports `b` inside a function, `c` stands alone, `rooms` is a package with a face."""
    for name, text in {
        "__init__.py": "",
        "a.py": "def f():\n    from astrogan.b import x\n",
        "b.py": "x = 1\n",
        "b.yaml": "y: 1\n",
        "c.py": "",
        "package/__init__.py": "",
        "package/d.py": "import astrogan.c\n",
        "rooms/__init__.py": FACE,
        "rooms/early.py": "early = 1\n",
        "rooms/late.py": "late = 1\n",
        "rooms/inner/__init__.py": "from astrogan.rooms.inner.deep import deep\n",
        "rooms/inner/deep.py": "deep = 1\n",
    }.items():
        path = tmp_path / "lib" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(fingerprint, "LIBRARY", tmp_path / "lib")
    forget()
    yield tmp_path / "lib"
    forget()


def forget():
    for cached in (fingerprint._module_imports, fingerprint._module_digest, fingerprint._home):
        cached.cache_clear()


def test_imports_are_followed_and_only_those(library):
    assert closure({"astrogan.a"}) == {"astrogan.a", "astrogan.b"}
    assert closure(imported_modules("from astrogan.package import d")) == {"astrogan.package.d", "astrogan.c"}
    assert imported_modules("import numpy\nimport astrogan.c") == {"astrogan.c"}


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("early", "astrogan.rooms.early"),
        ("late", "astrogan.rooms.late"),
        ("renamed", "astrogan.rooms.inner.deep"),
        ("OWN", "astrogan.rooms"),
        ("inner", "astrogan.rooms.inner"),
    ],
)
def test_a_face_leads_to_the_module_that_defines_a_name(library, name, module):
    assert imported_modules(f"from astrogan.rooms import {name} as x") == {module}


def test_a_name_from_a_face_depends_on_its_module_alone(library, tmp_path):
    path = notebook(tmp_path / "n.ipynb", "from astrogan.rooms import late")
    before = stage_code(path)
    assert [entry.split(":")[0] for entry in before] == ["n.ipynb", "astrogan.rooms.late"]
    for other in ("rooms/early.py", "rooms/inner/deep.py"):
        (library / other).write_text("early = deep = 2\n")
    (library / "rooms" / "__init__.py").write_text(FACE + "OTHER = 2\n")
    forget()
    assert stage_code(path) == before
    (library / "rooms" / "late.py").write_text("late = 2\n")
    forget()
    assert stage_code(path) != before


def test_a_whole_face_depends_on_all_that_it_gives(library):
    """Late names too: nobody can tell which of them is used."""
    assert closure(imported_modules("import astrogan.rooms")) == {
        "astrogan.rooms",
        "astrogan.rooms.early",
        "astrogan.rooms.inner.deep",
        "astrogan.rooms.late",
    }


def test_what_only_type_checkers_import_does_not_count(library):
    code = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import astrogan.a\nelse:\n    import astrogan.c\n"
    assert imported_modules(code) == {"astrogan.c"}


def test_a_change_is_seen_where_it_is_imported(library, tmp_path):
    path = notebook(tmp_path / "n.ipynb", "import astrogan.a")
    before = stage_code(path)
    (library / "c.py").write_text("z = 1\n")
    forget()
    assert stage_code(path) == before
    (library / "b.py").write_text("x = 2\n")
    forget()
    changed = set(stage_code(path)) - set(before)
    assert [entry.split(":")[0] for entry in changed] == ["astrogan.b"]


CODE = '''"""What the module is."""

from astrogan.b import x  # for f

LIMIT = 3
"""How far."""


class Phase(Config):
    """How a phase is trained."""

    epochs: int = Field(20, ge=1, description="passes over the tiles")
    rates: list[float] = Field(description="how fast", default_factory=list)
    """One an epoch."""


def f(a, b=2):
    """Add."""
    # In this order.
    return a + b
'''
WORDS = {
    "a docstring": ('"""Add."""', '"""The sum of both."""'),
    "no docstring": ('    """How a phase is trained."""\n\n', ""),
    "a new docstring": ("class Phase(Config):", 'class Phase(Config):\n    "More."'),
    "the module's docstring": ("What the module is.", "What it does."),
    "an attribute's docstring": ("How far.", "At most so far."),
    "a field's docstring": ("One an epoch.", "Of each epoch."),
    "a comment": ("# In this order.", "# The order does not matter."),
    "no comment": ("  # for f", ""),
    "a description": ("passes over the tiles", "how often every tile is seen"),
    "a new description": ("ge=1, description=", "ge=1, description='now ' "),
    "formatting": ("def f(a, b=2):", "def f(\n    a,\n    b = 2,\n):"),
    "quotes and brackets": ("return a + b", "return (a + b)"),
}
MEANING = {
    "a default": ("b=2", "b=3"),
    "a field's default": ("Field(20", "Field(21"),
    "a bound": ("ge=1", "ge=2"),
    "a constant": ("LIMIT = 3", "LIMIT = 4"),
    "an import": ("import x", "import y"),
    "a field's type": ("epochs: int", "epochs: float"),
    "an order": ("a + b", "b + a"),
    "a default that a description stood before": ("default_factory=list", "default_factory=tuple"),
}


def around(library, old, new):
    """The digests of a module before and after a change of its text."""
    assert CODE.count(old) == 1
    (library / "a.py").write_text(CODE)
    before = module_code("astrogan.a")
    (library / "a.py").write_text(CODE.replace(old, new))
    forget()
    return before, module_code("astrogan.a")


@pytest.mark.parametrize(("old", "new"), WORDS.values(), ids=WORDS)
def test_words_change_no_digest(library, old, new):
    before, after = around(library, old, new)
    assert after == before


@pytest.mark.parametrize(("old", "new"), MEANING.values(), ids=MEANING)
def test_what_code_does_changes_its_digest(library, old, new):
    before, after = around(library, old, new)
    assert [entry.split(":")[0] for entry in set(after) - set(before)] == ["astrogan.a"]


def test_an_imported_module_counts(library):
    (library / "a.py").write_text(CODE)
    before = module_code("astrogan.a")
    (library / "b.py").write_text("x = 1  # a word\n")
    forget()
    assert module_code("astrogan.a") == before
    (library / "b.py").write_text("x = 2\n")
    forget()
    assert [entry.split(":")[0] for entry in set(module_code("astrogan.a")) - set(before)] == ["astrogan.b"]


def test_words_that_are_used_are_code():
    """A string in an expression, and a description of anything but a field."""
    for first, second in (("print('a')", "print('b')"), ("f(description='a')", "f(description='b')")):
        assert normalised(first) != normalised(second)


def test_no_reworded_docstring_of_the_library_retrains():
    """Every module's code without its words is the code of the module with other words."""
    for path in sorted(fingerprint.LIBRARY.rglob("*.py")):
        code = path.read_text()
        assert normalised(code + '\n"""The end."""\n# The end.\n') == normalised(code)


def test_a_data_file_beside_a_module_counts_with_it(library):
    before = module_code("astrogan.a")
    (library / "b.yaml").write_text("# a word\ny:   1\n")
    forget()
    assert module_code("astrogan.a") == before
    (library / "b.yaml").write_text("y: 2\n")
    forget()
    assert module_code("astrogan.a") != before


def test_outputs_and_prose_of_a_notebook_do_not_count(library, tmp_path):
    path = tmp_path / "n.ipynb"
    before = stage_code(notebook(path, "%matplotlib inline\nimport astrogan.c"))
    assert [entry.split(":")[0] for entry in before] == ["n.ipynb", "astrogan.c"]
    other = {"output": "a picture", "prose": "Other words."}
    assert stage_code(notebook(path, "!ls\nimport astrogan.c  # now", **other)) == before
    assert stage_code(notebook(path, "import astrogan.c\nx = 1", **other)) != before


def test_training_does_not_depend_on_the_report():
    """A change in evaluation or report must not retrain a network."""
    phases = ("supervised", "adversarial", "finetune")
    for name in ("pretrain", "adversarial", "finetune", *(f"upscale_{phase}" for phase in phases)):
        entries = stage_code(Path(__file__).parents[2] / "notebooks" / f"{name}.ipynb")
        modules = {entry.split(":")[0] for entry in entries}
        assert "astrogan.training.learner" in modules
        assert not {
            m for m in modules if m.startswith(("astrogan.report", "astrogan.evaluation", "astrogan.experiments"))
        }


def test_files_are_digested_by_relative_name(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "a.md").write_text("a")
    assert [entry.split(":")[0] for entry in digest_files(tmp_path, "book/*.md")] == ["book/a.md"]


def test_a_folder_of_images_is_seen_by_names_sizes_and_manifests(tmp_path):
    folder = tmp_path / "astro"
    assert folder_seen(folder) == "absent"
    folder.mkdir()
    (folder / "a.png").write_bytes(b"123")
    (tmp_path / "manifest.csv").write_text("file,observation\n")
    seen = [folder_seen(folder)]
    (folder / "a.png").touch()
    assert folder_seen(folder) == seen[0]
    (folder / "a.png").write_bytes(b"1234")
    seen.append(folder_seen(folder))
    (folder / "b.png").write_bytes(b"1")
    seen.append(folder_seen(folder))
    (tmp_path / "manifest.csv").write_text("file,observation\na.png,1\n")
    seen.append(folder_seen(folder))
    assert len(set(seen)) == 4
