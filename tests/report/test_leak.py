import json
from pathlib import Path

import numpy as np
import pytest

from astrogan.evaluation.results import Results
from astrogan.experiments.plan import plan_stages
from astrogan.experiments.profiles import load_profile
from astrogan.report.audit import leak
from astrogan.report.paper import rows
from astrogan.rows import valid_row
from astrogan.run import parts_of
from astrogan.tasks.predictions import from_rgb

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(full_run):
    return Results.open(full_run)


def _numbers(part) -> dict[tuple[str, ...], list]:
    return {line.labels: [value.number for value in line.values] for line in part.lines}


def test_the_arms_are_compared_in_pairs_on_leaked_and_on_new_tiles(folder, made_rows):
    arms, errors, apart = leak.leak(folder).parts
    leaking, clean = _numbers(arms).values()
    assert leaking[:4] == ["56", "16", "28.6%", "1920"]
    assert clean[:4] == ["40", "0", "0.0%", "1920"]
    assert leaking[4] == pytest.approx(1920 / 56)
    for line, of in zip(apart.lines, (str, valid_row), strict=True):
        error = [
            np.abs(made_rows[of(row)].rounded - made_rows[of(row)].truth.astype(float)).mean() for row in leak.ARMS
        ]
        assert line.values[0].number == pytest.approx(error[0] - error[1], rel=1e-6)
        assert line.values[0].low < line.values[0].number < line.values[0].high
        assert line.values[1].number == "16"
    assert apart.lines[0].values[0].high < 0 < apart.lines[1].values[0].high
    assert leak.statement(folder).startswith("it helps on the leaked tiles and not on others")
    assert all(line.values[2].low is None for line in errors.lines), "a wrapped number has no interval"


def _changed(make_run, row, **values):
    run = make_run(only=(*leak.ARMS, *map(valid_row, leak.ARMS)))
    path = run / "history" / f"{row}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))
    return Results.open(run)


@pytest.mark.parametrize(
    ("row", "values", "reason"),
    [
        (0, {"tiles": {"train": 600, "valid": 0, "test": 60}}, "too short: each training tile was seen 2.9 times, and it takes 30"),
        (1, {"images_per_epoch": 80}, "different numbers of images"),
        (1, {"tiles": {"train": 40, "valid": 0, "test": 16}}, "the second arm saw test tiles"),
        (0, {"tiles": {"train": 40, "valid": 0, "test": 0}}, "the first arm saw no test tile"),
        (0, {"tiles": None}, "do not say what tiles they drew from"),
    ],
)  # fmt: skip
def test_arms_that_cannot_show_a_leak_leave_it_undecided(make_run, row, values, reason):
    said = leak.leak(_changed(make_run, leak.ARMS[row], **values)).remarks[0]
    assert "undecided, because" in said
    assert reason in said


def test_a_leak_that_helps_everywhere_or_nowhere_is_undecided(make_run, made_rows, put_row):
    run = make_run(only=(*leak.ARMS, *map(valid_row, leak.ARMS)))
    first = valid_row(leak.ARMS[0])
    new = made_rows[first]
    put_row(run, first, from_rgb(new.truth, new.truth / 255, new.observation, new.tile))
    assert "better on tiles that neither saw as well" in leak.statement(Results.open(run))
    clean = made_rows[rows.BASIC_HELD_OUT]
    put_row(run, rows.BASIC_AS_RUN, clean)
    assert "does not lie below zero" in leak.statement(Results.open(run))
    bare = Results.open(make_run(only=()))
    assert "no history of" in leak.statement(bare)
    assert all(value.number is None for value in leak.leak(bare).parts[0].lines[0].values)


@pytest.mark.parametrize("name", ["quick", "cpu", "gpu", "paper"])
def test_the_arms_differ_in_the_test_tiles_alone_and_last_where_a_run_decides(name):
    profile = load_profile(ROOT / "workflow" / "profiles" / f"{name}.yaml")
    one, other = (profile.training(parts_of(row)[0], "adversarial") for row in leak.ARMS)
    differing = {key for key, value in one.model_dump().items() if value != getattr(other, key)}
    assert differing == {"experiment", "leak_test"}
    assert (one.leak_test, one.keep, one.flip) == (True, "last", False)
    assert one.images_per_epoch, "of all tiles an epoch would be longer for the arm that leaks"
    assert not profile.decides or one.epochs >= leak.LEAST_PASSES
    stages = plan_stages(profile, ROOT)
    for row in leak.ARMS:
        control = stages[f"evaluate-{parts_of(row)[0]}-valid"]
        assert (control.parameters["rows"], control.parameters["split"]) == (valid_row(row), "valid")
        assert profile.run.checkpoint_file(row) in control.inputs
