"""An evaluation as plain text for a terminal."""

from typing import Any

from astrogan.evaluation.published import DECIMALS, as_printed

_ROWS = (
    ("fid", "FID", 3),
    ("kid", "KID", 5),
    ("fwd", "FWD", 4),
    ("lpips", "LPIPS", 4),
    ("psnr", "PSNR, dB", 2),
    ("ssim", "SSIM", 4),
)
_CHANNELS = {"rgb": ("R", "G", "B"), "ab": ("a", "b")}
_WIDTH = 22
_DASH = "–"


def summary(found: dict[str, Any]) -> str:
    """The numbers of `evaluate`, with intervals in brackets; a dash where there is none, and the reasons below."""
    unit = found["groups"]
    size = found["size"] if isinstance(found["size"], int) else " x ".join(map(str, reversed(found["size"])))
    lines = [f"{found['n']} pairs of {size} px; 95 % intervals over {found['group_count']} {unit}", ""]
    for name, label, decimals in _ROWS:
        lines.append(f"{label:<{_WIDTH}}{_value(found[name], found['interval'][name], decimals)}")
    for kind, title in (
        ("corrected", "Corrected (RGB on 0-255, ab in CIE units; bias = prediction - truth)"),
        ("published", "As published (truth - prediction modulo 256; ab / 110; cut, not rounded)"),
    ):
        lines += ["", title]
        for name, values in found[kind].items():
            intervals = found["interval"][kind][name] or [None] * len(values)
            for channel, value, interval in zip(_CHANNELS[name.split("_")[1]], values, intervals, strict=True):
                label = f"  {name} {channel}"
                text = as_printed(value, DECIMALS[name]) if name in DECIMALS else None
                decimals = DECIMALS.get(name, 3)
                lines.append(f"{label:<{_WIDTH}}{_value(value, interval, decimals, text)}")
    if found["identical_pairs"]:
        lines += ["", f"{found['identical_pairs']} identical pairs are left out of PSNR."]
    for title, texts in (("Methods", found["methods"]), ("Not computed", found["reasons"])):
        if texts:
            lines += ["", title, *(f"  {name}: {text}" for name, text in texts.items())]
    return "\n".join(lines + [f"\nNote: {note}." for note in found["notes"]])


def _value(value: float | None, interval: list[float] | None, decimals: int, text: str | None = None) -> str:
    if value is None:
        return f"{_DASH:>12}"
    number = f"{text or format(value, f'.{decimals}f'):>12}"
    return number if interval is None else f"{number}  [{interval[0]:.{decimals}f}, {interval[1]:.{decimals}f}]"
