"""The audit of the distances: the wrapped metric, the impossible pair, the signed mean, and grey's rank."""

from collections.abc import Iterator
from decimal import Decimal

from astrogan.color import AB_SCALE
from astrogan.evaluation import Results
from astrogan.evaluation.metrics import COLOURS
from astrogan.experiments.catalogue import label, rows_in, short
from astrogan.report.audit import Item, without_intervals
from astrogan.report.audit.fingerprint import graded
from astrogan.report.paper import rows
from astrogan.report.paper.numbers import load
from astrogan.report.tables.cells import NOT_RUN, printed, score, scores
from astrogan.report.tables.layout import Line, Part, Value, dash, text


def wrap(run: Results) -> Item:
    """The wrapped metric and the corrected one of the same predictions."""
    heads = ("Model", "L1, wrapped", "L2, wrapped", "MAE, clipped", "RMSE, clipped")
    published, corrected = ("published_l1_rgb", "published_l2_rgb"), ("mae_rgb", "rmse_rgb")
    lines = tuple(
        Line((label(row),), (*without_intervals(scores(run, row, published)), *scores(run, row, corrected)))
        for row in rows_in("table1")
    )
    return Item(
        "wrap",
        "Tables 1, 2, 4 and 6 give L1 and L2 distances of 8-bit images",
        "The differences wrap around: L1 counts how often an output is brighter than the truth, not by how much",
        graded(),
        (Part(heads[:1], heads[1:], lines),),
        (
            "One set of predictions, measured twice; 0-255 scale. Numbers that wrap are no errors and have no intervals.",
        ),
    )


def impossible(run: Results) -> Item:
    """No honest metric gives Table 1's pairs; (T - O) modulo 256 averages to mean(T - O) + 256 P(T < O)."""
    paper = []
    for name, table, l1, l2 in _printed_pairs():
        shares = (Value(share, digits=3) for share in implied_share(float(l1), float(l2)))
        paper.append(Line((name, table), (text(l1), text(l2), *shares)))
    ours = [Line((label(row),), _identity(run, row)) for row in rows_in("table1")]
    first = load().tables["table1"].rows[rows.PRETRAINED]
    return Item(
        "impossible",
        f"L1 of {first.l1} stands beside L2 of {first.l2}, and in every row L1 is by far the larger",
        "For any errors e, |mean e| <= mean |e| <= root mean e^2; no pair of these has the first larger. The wrapped "
        "arithmetic gives such pairs wherever outputs are often brighter than the truth by a little",
        "verified",
        (
            Part(("Model", "Printed in"), ("L1", "L2", "P(T < O), least", "P(T < O), most"), tuple(paper)),
            Part(
                ("Model",),
                ("|mean e|", "mean |e|", "RMS e", "P(T < O)", "mean e + 256 P", "L1, wrapped"),
                tuple(ours),
                "This run, e = T - O of the cast outputs: the three corrected metrics in order, and the identity behind L1",
            ),
        ),
        ("The implied P(T < O) takes the mean error to be no larger than the printed L2.",),
    )


def _printed_pairs() -> Iterator[tuple[str, str, Decimal, Decimal]]:
    """The row, the table, L1 and L2 of each pair of distances that the paper prints of RGB."""
    for number in (1, 6):
        for row, entry in load().tables[f"table{number}"].rows.items():
            yield label(row), f"Table {number}", entry.l1, entry.l2
    for row, entry in load().tables["table4"].rows.items():
        for channel, l1, l2 in zip(COLOURS, entry.l1_rgb, entry.l2_rgb, strict=True):
            yield f"{label(row)}, {channel}", "Table 4", l1, l2


_IDENTITY = (*(f"wrapped_bias_{channel}" for channel in COLOURS), "wrapped_mae_rgb", "wrapped_rmse_rgb", "brighter")


def _identity(run: Results, row: str) -> tuple[Value, ...]:
    """|mean e|, mean |e|, RMS e, P(T < O), mean e + 256 P and the wrapped L1 of a row's cast outputs, e = T - O."""
    if row not in run.metrics:
        return (dash(NOT_RUN),) * 6
    value = run.metrics[row]["values"]
    if reasons := [score(run, row, name).reason for name in _IDENTITY if value[name] is None]:
        return (dash(reasons[0]),) * 6
    signed = -sum(value[f"wrapped_bias_{channel}"] for channel in COLOURS) / 3
    share = value["brighter"]
    numbers = (abs(signed), value["wrapped_mae_rgb"], value["wrapped_rmse_rgb"], share, signed + 256 * share)
    return tuple(Value(float(number), digits=3) for number in (*numbers, value["published_l1_rgb"]))


def implied_share(l1: float, l2: float) -> tuple[float, float]:
    """The range of P(T < O) that a wrapped L1 implies if the mean error is at most L2 in size: (L1 -+ L2) / 256."""
    return (l1 - l2) / 256, (l1 + l2) / 256


def signed_mean(run: Results) -> Item:
    """Table 3's L1 is a signed mean (a bias), its L2 a mean absolute error."""
    paper, ours = [], []
    heads = ("Signed mean", "Mean absolute", "RMS")
    for row in load().tables["table3"].rows:
        cells = [printed("table3", row, f"{norm}_ab", channel) for norm in ("l1", "l2") for channel in range(2)]
        paper.append(Line((label(row),), tuple(cells)))
    for row in (rows.PRETRAINED, rows.FINETUNED, rows.GREY):
        for name in "ab":
            published = (score(run, row, f"published_{norm}_{name}") for norm in ("l1", "l2"))
            ours.append(Line((label(row), name), (*published, _scaled(score(run, row, f"rmse_{name}", digits=4)))))
    return Item(
        "signed-mean",
        "Table 3 gives L1 and L2 distances in a and b, and fine-tuning improves a by L1",
        "L1 is the signed mean of truth minus output, a bias, and L2 the mean absolute error; by error, fine-tuning is worse "
        "in both channels",
        "verified",
        (
            Part(("Table 3",), ("L1, a", "L1, b", "L2, a", "L2, b"), tuple(paper)),
            Part(("Model", "Channel"), heads, tuple(ours), "This run, in units of 110"),
        ),
        ("A signed mean can be near zero however large the errors are.",),
    )


def grey(run: Results) -> Item:
    """Where plain grey stands among the rows of Table 1, by the published arithmetic and by the corrected."""
    lines = []
    for metric, words in (("published_l1_rgb", "L1, wrapped"), ("published_l2_rgb", "L2, wrapped"), ("mae_rgb", "MAE")):
        means = {row: run.metrics[row]["values"][metric] for row in rows_in("table1") if row in run.metrics}
        lines.append(Line((words, "this run"), _ranked(means, ".2f")))
    for norm in ("l1", "l2"):
        entries = {row: float(getattr(entry, norm)) for row, entry in load().tables["table1"].rows.items()}
        entries[rows.GREY] = float(load().evidence[f"grey_wrapped_{norm}"])
        labels = (f"{norm.upper()}, wrapped", "Table 1, grey on a stand-in for the truth")
        lines.append(Line(labels, _ranked(entries, "g")))
    return Item(
        "grey",
        "Table 1 ranks four models, without a baseline",
        "An image without any colour scores better than every row of Table 1 by the published arithmetic, on a stand-in "
        "for the truth",
        "inferred",
        (Part(("Metric", "Of"), ("Rank of grey", "Best first"), tuple(lines), words=True),),
    )


def _ranked(means: dict[str, float], form: str) -> tuple[Value, Value]:
    """The place of grey, and all rows in order, least first."""
    order = sorted(means, key=means.__getitem__)
    if not order:
        return dash("grey is not in the run"), dash("no row is in the run")
    shown = text(", ".join(f"{short(row)} {means[row]:{form}}" for row in order))
    place = rows.GREY in order and text(f"{order.index(rows.GREY) + 1} of {len(order)}")
    return place or dash("grey is not in the run"), shown


def _scaled(value: Value) -> Value:
    """CIE units to units of 110."""
    if value.number is None:
        return value
    low, high = (None if bound is None else bound / AB_SCALE for bound in (value.low, value.high))
    return Value(value.number / AB_SCALE, low, high, value.digits)
