"""Holes in the prose: the right value in the right format, a dash that says why, an error for a slip of the pen."""

from decimal import Decimal

import pytest

from astrogan.base import AstroganError
from astrogan.book.prose import Markdown, fill, uses_a_run

VALUES = {
    "metrics": {
        "grey": {
            "n": 500,
            "fid": None,
            "corrected": {"mae_rgb": [1.0, 2.0, 6.0]},
            "values": {"fwd": None, "kid": None},
            "reasons": {"fid": "no Inception weights", "fwd": "no packets"},
        }
    },
    "claims": {"red": "holds", "fid": None, "reasons": {"fid": "no weights"}, "count": {"does not hold": 2}},
    "better": {"a-b": {"lpips": {"verdict": None}}, "reasons": {"a-b.lpips": "no network"}},
    "provenance": {"profile": "quick", "data": {"astronomy": "folder:$DATA/a_b"}},
    "paper": {"l2": Decimal("3.2890"), "batch": [10, 16, 32], "epochs": [20], "hours": None},
    "credit": {"astronomy": Markdown("*NASA*")},
}


@pytest.mark.parametrize(
    ("hole", "text"),
    [
        ("metrics.grey.n", "500"),
        ("metrics.grey.corrected.mae_rgb.mean | .2f", "3.00"),
        ("metrics.grey.corrected.mae_rgb.2 | .1f", "6.0"),
        ("paper.l2", "3.2890"),
        ("paper.batch | and", "10, 16 and 32"),
        ("paper.epochs | and", "20"),
        ("provenance.data.astronomy", r"folder:\$DATA/a\_b"),
        ("credit.astronomy", "*NASA*"),
        ("claims.red", "holds"),
        ("claims.count.does not hold", "2"),
    ],
)
def test_a_hole_is_filled(hole, text):
    assert fill(f"a {{{{ {hole} }}}} b {{{{{hole}}}}}", VALUES) == (f"a {text} b {text}", [])


@pytest.mark.parametrize(
    ("hole", "reason"),
    [
        ("metrics.lab.n", "this run has no row lab"),
        ("metrics.grey.fid", "no Inception weights"),
        ("metrics.grey.values.fwd", "no packets"),
        ("metrics.grey.kid", "metrics/grey.json has no kid"),
        ("provenance.commit", "provenance.json has no commit"),
        ("better.folds-table.lpips.low", "better.json has no folds-table"),
    ],
)
def test_what_the_run_lacks_is_a_dash_with_its_reason(hole, reason):
    text, reasons = fill(f"{{{{ {hole} | .2f }}}} {{{{ {hole} }}}}", VALUES)
    assert text == f"{{abbr}}`– ({reason})` {{abbr}}`– ({reason})`"
    assert reasons == [reason]
    assert fill(f"{{{{ {hole} }}}}", VALUES, "no run")[1] == ["no run"]


@pytest.mark.parametrize(
    ("hole", "message"),
    [
        ("metric.grey.n", "no root 'metric'"),
        ("paper.l3", "there is no 'l3'"),
        ("paper.hours", "is empty"),
        ("paper.batch", "names several values"),
        ("metrics.grey.corrected", "names several values"),
        ("provenance.profile | .2f", "cannot be formatted"),
        ("paper.l2 | and", "invalid format string"),
    ],
)
def test_a_slip_of_the_pen_is_an_error(hole, message):
    with pytest.raises(AstroganError, match=message):
        fill(f"{{{{ {hole} }}}}", VALUES)


def test_listings_are_left_alone():
    listing = "```text\n{{ metrics.grey.n }}\n```"
    assert fill(f"{listing}\n{{{{ metrics.grey.n }}}}\n", VALUES)[0] == f"{listing}\n500\n"
    assert not uses_a_run(listing)
    assert uses_a_run("{{ history.x.best_epoch }}")
    assert not uses_a_run("{{ paper.l2 }}")


@pytest.mark.parametrize(("hole", "reason"), [("claims.fid", "no weights"), ("better.a-b.lpips.verdict", "no network")])
def test_a_file_of_the_run_gives_its_own_reasons(hole, reason):
    text, reasons = fill(f"{{{{ {hole} }}}}", VALUES)
    assert reasons == [reason]
    assert reason in text
