"""The README's picture and headline table, written between two marks from the published run: no number is typed there."""

import sys
from pathlib import Path
from typing import Any

from astrogan.base import AstroganError
from astrogan.experiments.catalogue import label
from astrogan.files import read_json, write_text
from astrogan.report.better import FILE, HEADLINE
from astrogan.report.paper import rows
from astrogan.report.tables.layout import DASH, Value
from astrogan.run import Run

BEGIN = "<!-- headline: written by `make publish` -->"
END = "<!-- headline: end -->"
PICTURE = "figures/better.png"


def write_headline(readme: Path, results: Path) -> None:
    """Replace what stands between the marks of `readme`; `AstroganError` when the marks are not there."""
    text = readme.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise AstroganError(f"{readme} has not the marks '{BEGIN}' and '{END}', once each, to put the results between.")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    write_text(readme, f"{before}{BEGIN}\n{headline(results, readme.parent)}{END}{after}")


def headline(results: Path, root: Path) -> str:
    """Markdown: the picture, a table for each half, and what run it is."""
    metrics = Run(results).metrics
    facts, better = read_json(results / "provenance.json"), read_json(results / FILE)
    upscaler = better.get("best_upscaler", {}).get("row")
    blocks = []
    if (results / PICTURE).is_file():
        path = (results / PICTURE).resolve().relative_to(root.resolve())
        blocks.append(
            f"![Held-out tiles in four lines: truth, grey input, the paper's recipe, ours]({path})\n\n"
            "*Images: NASA, ESA, STScI. Tiles that neither network saw in training.*"
        )
    blocks.append(
        _table(
            ("Colour, held-out tiles", "MAE, RGB", "FWD", "LPIPS"),
            HEADLINE,
            {row: _with_mae(metrics[row], better["mae_rgb"][row]) for row in HEADLINE if row in metrics},
            (("mae_rgb", 2), ("fwd", 3), ("lpips", 3)),
        )
    )
    if upscaler:
        blocks.append(
            _table(
                ("Four times larger", "PSNR, dB", "SSIM", "LPIPS"),
                tuple(dict.fromkeys((rows.BICUBIC, rows.SRGAN_FINETUNED, upscaler))),
                metrics,
                (("psnr", 2), ("ssim", 3), ("lpips", 3)),
            )
        )
    shown = metrics[rows.GREY]
    blocks.append(
        f"Profile `{facts['profile']}`: {shown['n']} tiles of {shown['size']} px from {shown['observations']} observations; "
        "square brackets are 95 % intervals over observations. Lower is better, but for PSNR and SSIM."
    )
    return "\n\n".join(blocks) + "\n"


def _table(
    heads: tuple[str, ...],
    of: tuple[str, ...],
    metrics: dict[str, Any],
    columns: tuple[tuple[str, int], ...],
) -> str:
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for row in of:
        if row in metrics:
            cells = [_cell(metrics[row], key, digits) for key, digits in columns]
            lines.append(f"| {label(row).replace('*', chr(92) + '*')} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _with_mae(values: dict[str, Any], mae: dict[str, float]) -> dict[str, Any]:
    interval = values["interval"] | {"mae_rgb": (mae["low"], mae["high"])}
    return values | {"mae_rgb": mae["value"], "interval": interval}


def _cell(values: dict[str, Any], key: str, digits: int) -> str:
    if values[key] is None:
        return DASH
    return Value(values[key], *(values["interval"][key] or (None, None)), digits=digits).text()


if __name__ == "__main__":
    try:
        write_headline(Path("README.md"), Path("book/results"))
    except AstroganError as error:
        sys.exit(f"error: {error}")
