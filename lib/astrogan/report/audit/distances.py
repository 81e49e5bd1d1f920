"""The audit of the distances: the wrapped metric, the impossible pair, half precision, the signed mean, and grey's rank."""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from math import prod

import numpy as np

from astrogan.color import AB_SCALE
from astrogan.evaluation.results import Results
from astrogan.experiments.catalogue import label, rows_in, short
from astrogan.report.audit.item import Item
from astrogan.report.paper import rows
from astrogan.report.paper.numbers import load
from astrogan.report.tables.cells import measured, printed, score
from astrogan.report.tables.layout import Line, Part, Value, dash, text


def wrap(run: Results) -> Item:
    """The wrapped metric and the corrected one of the same predictions."""
    lines = [
        Line(
            (label(row),),
            (
                measured(run, row, "published_l1_rgb"),
                measured(run, row, "published_l2_rgb", digits=3),
                measured(run, row, "mae_rgb"),
                measured(run, row, "rgb_squared", root=True),
            ),
        )
        for row in rows_in("table1")
    ]
    heads = ("L1, wrapped", "L2, wrapped", "MAE, clipped", "RMSE, clipped")
    return Item(
        "wrap",
        "Tables 1, 2, 4 and 6 give L1 and L2 distances of 8-bit images",
        "The differences wrap around: L1 counts how often an output is brighter than the truth, not by how much",
        "proven",
        (Part(("Model",), heads, tuple(lines)),),
        ("One set of predictions, measured twice; 0-255 scale.",),
    )


def impossible(run: Results) -> Item:
    """No honest metric gives Table 1's pairs; (T - O) modulo 256 averages to mean(T - O) + 256 P(T < O)."""
    paper = []
    for table in ("table1", "table6"):
        for row, entry in load().tables[table].rows.items():
            low, high = implied_share(float(entry.l1), float(entry.l2))
            values = (text(entry.l1), text(entry.l2), Value(low, digits=3), Value(high, digits=3))
            paper.append(Line((label(row), f"Table {table[-1]}"), values))
    ours = []
    for row in rows_in("table1"):
        if not run.holds(row):
            ours.append(Line((label(row),), (dash("this row is not in the run"),) * 6))
            continue
        found = {name: values.mean() for name, values in run.measured(row).values.items()}
        signed = -np.mean([found[f"wrapped_bias_{channel}"] for channel in ("red", "green", "blue")])
        numbers = (
            abs(signed),
            found["wrapped_mae_rgb"],
            np.sqrt(found["wrapped_rgb_squared"]),
            found["brighter"],
            signed + 256 * found["brighter"],
            found["published_l1_rgb"],
        )
        ours.append(Line((label(row),), tuple(Value(float(number), digits=3) for number in numbers)))
    first = load().tables["table1"].rows[rows.PRETRAINED]
    return Item(
        "impossible",
        f"L1 of {first.l1} stands beside L2 of {first.l2}, and in every row L1 is by far the larger",
        "For any errors e, |mean e| <= mean |e| <= root mean e^2; no pair of these has the first larger. The wrapped "
        "arithmetic gives such pairs wherever outputs are often brighter than the truth by a little",
        "proven",
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


def implied_share(l1: float, l2: float) -> tuple[float, float]:
    """The range of P(T < O) that a wrapped L1 implies if the mean error is at most L2 in size: (L1 -+ L2) / 256."""
    return (l1 - l2) / 256, (l1 + l2) / 256


def float16(run: Results) -> Item:
    """Table 4's L2 values are float16 numbers, cut to four decimals; those of Tables 1 and 6 are float16's shortest prints."""
    lines, chances = [], []
    for row, entry in load().tables["table4"].rows.items():
        for value, channel in zip(entry.l2_rgb, ("R", "G", "B"), strict=True):
            exact = float16_under(value)
            found = (value, dash("no float16 number prints so"), dash("no float16 number prints so"))
            if exact is not None:
                rounded = Decimal(exact).quantize(value, ROUND_HALF_UP)
                found = (value, text(Decimal(exact).normalize()), text(rounded))
            chances.append(chance_of_float16(value))
            values = (text(value), *found[1:], Value(chances[-1], digits=3))
            lines.append(Line((f"{label(row)}, {channel}",), values))
    short = [
        Line((label(row), f"Table {table[-1]}"), (text(entry.l2), text("yes" if is_shortest_print(entry.l2) else "no")))
        for table in ("table1", "table6")
        for row, entry in load().tables[table].rows.items()
    ]
    ours = [
        Line((label(row),), tuple(score(run, row, "published.l2_rgb", channel, digits=10) for channel in range(3)))
        for row in (rows.PRETRAINED, rows.FINETUNED)
    ]
    ours = [Line(line.labels, tuple(_without_interval(value) for value in line.values)) for line in ours]
    return Item(
        "float16",
        "L2 distances as the tables print them",
        "All six L2 values of Table 4 are 16-bit floating-point numbers cut to four decimals, which is what the root of an "
        "8-bit array gives in numpy; a metric in 32 or 64 bits would not",
        "proven",
        (
            Part(("Table 4",), ("Printed", "float16 number", "It would round to", "Chance"), tuple(lines)),
            Part(("Model", "Printed in"), ("L2", "Shortest print of a float16"), tuple(short), "Tables 1 and 6"),
            Part(("Model",), ("Red", "Green", "Blue"), tuple(ours), "This run's L2 by the same arithmetic, in full"),
        ),
        (
            f"Chance that all six are so by accident: {prod(chances):.1e}. A value of fewer decimals (Tables 1 and 6) is a "
            "weaker witness.",
        ),
    )


def float16_under(printed_value: Decimal) -> float | None:
    """The float16 number that `printed_value` is when cut to its decimals; None where there is none."""
    step = Decimal(1).scaleb(printed_value.as_tuple().exponent)
    candidate = np.float16(float(printed_value))
    if float(candidate) < float(printed_value):
        candidate = np.nextafter(candidate, np.float16(np.inf))
    exact = Decimal(float(candidate))
    return float(candidate) if exact.quantize(step, ROUND_DOWN) == printed_value else None


def chance_of_float16(printed_value: Decimal) -> float:
    """The share of numbers of so many decimals, near this one, that are a float16 number cut: decimal step over spacing."""
    step = 10.0 ** printed_value.as_tuple().exponent
    return min(1.0, step / float(np.spacing(np.float16(float(printed_value)))))


def is_shortest_print(printed_value: Decimal) -> bool:
    """Whether numpy prints the nearest float16 number with these digits."""
    return Decimal(str(np.float16(float(printed_value)))) == printed_value


def signed_mean(run: Results) -> Item:
    """Table 3's L1 is a signed mean (a bias), its L2 a mean absolute error."""
    paper, ours = [], []
    for row in load().tables["table3"].rows:
        cells = [printed("table3", row, f"{norm}_ab", channel) for norm in ("l1", "l2") for channel in range(2)]
        paper.append(Line((label(row),), tuple(cells)))
    for row in (rows.PRETRAINED, rows.FINETUNED, rows.GREY):
        for channel, name in enumerate("ab"):
            root = measured(run, row, f"{name}_squared", digits=4, root=True)
            ours.append(
                Line(
                    (label(row), name),
                    (
                        score(run, row, "published.l1_ab", channel, digits=4),
                        score(run, row, "published.l2_ab", channel, digits=4),
                        _scaled(root, 1 / AB_SCALE),
                    ),
                )
            )
    return Item(
        "signed-mean",
        "Table 3 gives L1 and L2 distances in a and b, and fine-tuning improves a by L1",
        "L1 is the signed mean of truth minus output, a bias, and L2 the mean absolute error; by error, fine-tuning is worse "
        "in both channels",
        "proven",
        (
            Part(("Table 3",), ("L1, a", "L1, b", "L2, a", "L2, b"), tuple(paper)),
            Part(
                ("Model", "Channel"), ("Signed mean", "Mean absolute", "RMS"), tuple(ours), "This run, in units of 110"
            ),
        ),
        ("A signed mean can be near zero however large the errors are.",),
    )


def grey(run: Results) -> Item:
    """Where plain grey stands among the rows of Table 1, by the published arithmetic and by the corrected."""
    measures = (("published_l1_rgb", "L1, wrapped"), ("published_l2_rgb", "L2, wrapped"), ("mae_rgb", "MAE"))
    held = [row for row in rows_in("table1") if run.holds(row)]
    lines = []
    for measure, words in measures:
        means = {row: float(run.measured(row).values[measure].mean()) for row in held}
        order = sorted(means, key=means.__getitem__)
        shown = ", ".join(f"{short(row)} {means[row]:.2f}" for row in order)
        place = f"{order.index(rows.GREY) + 1} of {len(order)}" if rows.GREY in order else None
        rank = dash("grey is not in the run") if place is None else text(place)
        lines.append(Line((words, "this run"), (rank, text(shown) if shown else dash("no row is in the run"))))
    for norm in ("l1", "l2"):
        entries = {row: float(getattr(entry, norm)) for row, entry in load().tables["table1"].rows.items()}
        entries[rows.GREY] = float(load().evidence[f"grey_wrapped_{norm}"])
        order = sorted(entries, key=entries.__getitem__)
        shown = ", ".join(f"{short(row)} {entries[row]:g}" for row in order)
        values = (text(f"{order.index(rows.GREY) + 1} of {len(order)}"), text(shown))
        lines.append(Line((f"{norm.upper()}, wrapped", "Table 1, grey on a stand-in for the truth"), values))
    return Item(
        "grey",
        "Table 1 ranks four models, without a baseline",
        "An image without any colour scores better than every row of Table 1 by the published arithmetic, on a stand-in "
        "for the truth",
        "inferred",
        (Part(("Metric", "Of"), ("Rank of grey", "Best first"), tuple(lines), words=True),),
    )


def _without_interval(value: Value) -> Value:
    return Value(value.number, digits=value.digits, reason=value.reason)


def _scaled(value: Value, scale: float) -> Value:
    if value.number is None:
        return value
    low, high = (None if bound is None else bound * scale for bound in (value.low, value.high))
    return Value(value.number * scale, low, high, value.digits)
