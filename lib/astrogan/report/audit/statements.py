"""The audit of text against tables: sums that do not agree, and sentences that the printed numbers do not carry."""

from decimal import Decimal

import numpy as np
from scipy import stats

from astrogan.evaluation import Results
from astrogan.evaluation.metrics import COLOURS
from astrogan.experiments.catalogue import label, short
from astrogan.report.audit import Item, without_intervals
from astrogan.report.paper.consistency import paper_checks
from astrogan.report.paper.numbers import load
from astrogan.report.paper.rows import BASIC, FINETUNED, PRETRAINED, SRGAN_FINETUNED, SRGAN_PRETRAINED
from astrogan.report.tables.cells import score, scores
from astrogan.report.tables.layout import Line, Part, Value, text

_PUBLISHED = ("published_l1_rgb", "published_l2_rgb")


def consistency(run: Results) -> Item:
    """Numbers that the paper states twice; and the same check of ours, which is asserted when tables are made."""
    paper = [
        Line((check.what,), (Value(check.first, digits=4), text(f"{check.second:g}"), text(_yes(check.agrees))))
        for check in paper_checks()
    ]
    ours = []
    for row in (row for row in (PRETRAINED, FINETUNED) if run.holds(row)):
        for norm in ("l1", "l2"):
            # of the measures, because the metrics by channel are rounded to float16 as the paper's are
            mean = float(np.mean([run.values(row, f"published_{norm}_{channel}").mean() for channel in COLOURS]))
            overall = run.metrics[row]["values"][f"published_{norm}_rgb"]
            agrees = abs(mean - overall) < 1e-6 * max(1, abs(mean))
            cells = (Value(mean, digits=4), Value(overall, digits=4), text(_yes(agrees)))
            ours.append(Line((f"{short(row)}: {norm.upper()}",), cells))
    heads = ("Mean of channels", "Stated overall", "Agrees")
    parts = [Part(("The paper",), heads, tuple(paper))]
    if ours:
        parts.append(Part(("This run",), heads, tuple(ours), "Ours"))
    stated = load().value("table1", FINETUNED, "l2")
    fine = load().value("table4", FINETUNED, "l2_rgb")
    return Item(
        "consistency",
        f"Table 1 gives the fine-tuned model an L2 of {stated}",
        f"Its channels in Table 4 average to {sum(fine) / 3:.4f}; every other pair of tables agrees",
        "verified",
        tuple(parts),
    )


def sentences(_run: Results) -> Item:
    """Sentences of section 4 beside the printed numbers they rest on."""
    paper = load()
    lines = []
    claimed = (
        ("table4", "rgb", COLOURS, ("better", "worse", "worse")),
        ("table3", "ab", ("a", "b"), ("better", "worse")),
    )
    for table, space, channels, words in claimed:
        after, before = (paper.tables[table].rows[row] for row in (FINETUNED, PRETRAINED))
        for index, (channel, said) in enumerate(zip(channels, words, strict=True)):
            for norm in ("l1", "l2"):
                values = (getattr(row, f"{norm}_{space}")[index] for row in (before, after))
                where = f"Table {table[-1]}, {norm.upper()}"
                lines.append(_sentence(f"Fine-tuning is {said} in {channel}", where, *values, said))
    norms = [paper.value("table1", row, "l2") for row in (PRETRAINED, FINETUNED)]
    means = [f"{sum(paper.value('table4', row, 'l2_rgb')) / 3:.4f}" for row in (PRETRAINED, FINETUNED)]
    before, after, greatest = (paper.value("table5", row, "fid") for row in (PRETRAINED, FINETUNED, BASIC))
    lines += [
        _sentence("By L2 fine-tuning fits slightly better", "Table 1, L2", *norms, "better"),
        _sentence("Fine-tuning is orders of magnitude better", "Table 3, L2 a", *_ab(0), "better"),
        _sentence("Fine-tuning is orders of magnitude better", "Table 3, L2 b", *_ab(1), "better"),
        _sentence("By L2 fine-tuning fits slightly better", "Table 4, mean L2", *means, "better"),
        _sentence("Fine-tuning has the least FID", "Table 5", before, after, "better"),
        _sentence("The Basic U-net has the greatest FID", "Table 5", before, greatest, "worse"),
    ]
    return Item(
        "text",
        "What section 4 reads from its tables",
        "Several sentences hold by one metric and fail by the other, which the text does not say",
        "verified",
        (Part(("The text", "Rests on"), ("Pre-trained", "The other", "Carried"), tuple(lines)),),
        ("Table 3's L1 is a signed mean: a smaller one is less bias, not less error.",),
    )


def sr_swap(run: Results) -> Item:
    """Whether two rows of Table 6 were exchanged; our own order of the two is beside it."""
    heads = ("L1, wrapped", "L2, wrapped", "MAE")
    lines = tuple(
        Line((label(row),), (*without_intervals(scores(run, row, _PUBLISHED)), score(run, row, "mae_rgb")))
        for row in (SRGAN_PRETRAINED, SRGAN_FINETUNED)
    )
    return Item(
        "sr-swap",
        "In Table 6 the fine-tuned SRGAN is far nearer to the truth than the pre-trained one",
        "On the one public example the order is the reverse; Table 7 speaks for the printed order",
        "unknown",
        (Part(("This run",), heads, lines),),
    )


def sr_order(_run: Results) -> Item:
    """The order of the four super-resolution models in Table 6 and in Table 7."""
    sixth, seventh = load().tables["table6"].rows, load().tables["table7"].rows
    lines = []
    for norm in ("l1", "l2"):
        distances = {row: float(getattr(sixth[row], norm)) for row in sixth}
        fids = {row: float(seventh[row].fid) for row in sixth}
        rank = Value(float(stats.spearmanr([*distances.values()], [*fids.values()]).statistic), digits=1)
        orders = (text(", ".join(map(short, sorted(each, key=each.__getitem__)))) for each in (distances, fids))
        lines.append(Line((f"Table 6, {norm.upper()}, and Table 7, FID",), (*orders, rank)))
    heads = ("Best first by distance", "Best first by FID", "Rank correlation")
    return Item(
        "sr-order",
        "For super-resolution, unlike for colour, distances are reliable",
        "Table 7 puts both SRGANs before EDSR and WDSR, Table 6 after them",
        "verified",
        (Part(("Tables",), heads, tuple(lines), words=True),),
    )


def _ab(channel: int) -> list[Decimal]:
    """L2 of Table 3 before and after fine-tuning."""
    return [load().value("table3", row, "l2_ab")[channel] for row in (PRETRAINED, FINETUNED)]


def _sentence(what: str, where: str, before: object, after: object, said: str) -> Line:
    better = float(str(after)) < float(str(before))
    return Line((what, where), (text(before), text(after), text(_yes(better == (said == "better")))))


def _yes(value: bool) -> str:
    return "yes" if value else "no"
