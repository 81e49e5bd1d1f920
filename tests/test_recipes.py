"""The recipes of CONTRIBUTING.md: each is tested where its registry is, and this page of it names the tests."""

import re
from pathlib import Path

import pytest

from astrogan.evaluation.results import Results
from astrogan.experiments import catalogue
from astrogan.report.tables.setup import save_tables

ROOT = Path(__file__).parents[1]


@pytest.fixture
def another_row(tmp_path, monkeypatch):
    """A checkout whose experiments.yaml has one row more in Table 1."""
    text = (ROOT / "workflow" / "experiments.yaml").read_text()
    line = '      pretrain: {label: "Ours, before the adversary", short: "ours, supervised", color: pink}'
    assert line in text
    (tmp_path / "workflow").mkdir()
    changed = text.replace(line, line.replace("}", ", in: [table1]}"))
    (tmp_path / "workflow" / "experiments.yaml").write_text(changed)
    monkeypatch.chdir(tmp_path)
    catalogue.read_catalogue.cache_clear()
    yield
    catalogue.read_catalogue.cache_clear()


def test_a_row_is_added_in_one_file(another_row, full_run):
    assert "lab-improved-pretrain" in catalogue.rows_in("table1")
    save_tables(full_run)
    table = Results.open(full_run).table_file("table1").read_text()
    assert "Not in this run: " in table  # the made run has no such row
    assert "Ours, before the adversary" in table


def test_the_recipes_name_tests_that_exist():
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "CONTRIBUTING.md").read_text())
    assert len(named) == 6
    for path, name in named:
        assert f"def {name}(" in (ROOT / path).read_text(), f"{path} has no {name}"
