import json

import pytest

from astrogan.experiments import fingerprint
from astrogan.fingerprint import (
    closure,
    digest_files,
    folder_seen,
    imported_modules,
    module_code,
    stage_code,
)


def notebook(path, code, output="", prose="Some words."):
    cells = [
        {"cell_type": "markdown", "source": [prose], "metadata": {}},
        {"cell_type": "code", "source": code.splitlines(keepends=True), "metadata": {"x": output}, "outputs": [output]},
    ]
    path.write_text(json.dumps({"cells": cells}))
    return path


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A small library: `a` imports `b` inside a function, `c` stands alone."""
    for name, text in {
        "__init__.py": "",
        "a.py": "def f():\n    from astrogan.b import x\n",
        "b.py": "x = 1\n",
        "b.yaml": "y: 1\n",
        "c.py": "",
        "package/__init__.py": "",
        "package/d.py": "import astrogan.c\n",
    }.items():
        path = tmp_path / "lib" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(fingerprint, "LIBRARY", tmp_path / "lib")
    for cached in (fingerprint._module_imports, fingerprint._module_digest):
        cached.cache_clear()
    yield tmp_path / "lib"
    for cached in (fingerprint._module_imports, fingerprint._module_digest):
        cached.cache_clear()


def forget():
    fingerprint._module_imports.cache_clear()
    fingerprint._module_digest.cache_clear()


def test_imports_are_followed_and_only_those(library):
    assert closure({"astrogan.a"}) == {"astrogan.a", "astrogan.b"}
    assert closure(imported_modules("from astrogan.package import d")) == {
        "astrogan.package",
        "astrogan.package.d",
        "astrogan.c",
    }
    assert imported_modules("%matplotlib inline\nimport numpy\nimport astrogan.c") == {"astrogan.c"}


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


def test_a_data_file_beside_a_module_counts_with_it(library):
    before = module_code("astrogan.a")
    (library / "b.yaml").write_text("y: 2\n")
    forget()
    assert module_code("astrogan.a") != before


def test_outputs_and_prose_of_a_notebook_do_not_count(library, tmp_path):
    path = tmp_path / "n.ipynb"
    before = stage_code(notebook(path, "import astrogan.c"))
    assert stage_code(notebook(path, "import astrogan.c", output="a picture", prose="Other words.")) == before
    assert stage_code(notebook(path, "import astrogan.c  # now")) != before


def test_training_does_not_depend_on_the_report():
    """A change in evaluation or report must not retrain a network."""
    from pathlib import Path

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
