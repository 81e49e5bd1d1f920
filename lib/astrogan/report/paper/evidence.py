"""What `paper.yaml` states of the authors' public files, computed again from those files where a reader has them.

The book's appendix "What the authors ran", 9, says which file belongs where in the folder. Nothing is downloaded. Where
the first measurement left no exact rule, the constants below are the rule, and a share may differ in its last digit.
"""

import math
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import numpy as np
import pandas as pd
import torch
from PIL import Image
from scipy.ndimage import laplace

from astrogan.base import AstroganError
from astrogan.color import lab_of, lab_to_rgb, lightness_of, to_pictures
from astrogan.evaluation.metrics.wrapped import DIFFERENCES, wrapped_sums
from astrogan.report.paper.numbers import Curve, load

# Grey levels above its pixel's least channel from which a channel is a wrapped number: no sky has such colours.
WRAPPED = 128
WHITE = 99.0  # CIE L from which a pixel is white
ALIKE, THUMBNAIL = 0.9, 16  # correlation above which two grey thumbnails of so many px a side are near copies
OVERFLOWN = (192, 64)  # a speck: truth at least the first, output below the second, in any channel
MARGIN = 8  # px at the border of the slide's pictures that their detail leaves out
SETTLED = 50  # epochs after which the Basic U-net's discriminator is on its plateau


class Finding(NamedTuple):
    """A number of `paper.yaml` beside what the files give; `verdict` is "agrees", "differs" or why neither."""

    key: str
    printed: Any
    found: float | None
    verdict: str


def recompute(folder: Path) -> dict[str, float]:
    """Path in `paper.yaml` ("evidence.white_share") to the value, of every number whose files are in `folder`.

    `AstroganError` names files that are there and cannot be read as what they should be.
    """
    found: dict[str, float] = {}
    for make, needs, keys in RECIPES:
        paths = [folder / need for need in needs]
        if all(path.exists() for path in paths):
            try:
                found |= {key: float(value) for key, value in zip(keys, make(*paths), strict=True)}
            except (OSError, ValueError, LookupError, nbformat.ValidationError) as error:
                raise AstroganError(f"{', '.join(map(str, paths))}: not as the appendix has it: {error!r}") from error
    return found


def compare(folder: Path) -> list[Finding]:
    """Each number that such files can give beside `paper.yaml`'s.

    A count agrees when equal, another number within a unit of its last printed digit: some are cut, some rounded.
    """
    found = recompute(folder)
    findings = []
    for _, needs, keys in RECIPES:
        absent = [need for need in needs if not (folder / need).exists()]
        for key in keys:
            printed, verdict = _printed(key), f"file not at hand: {', '.join(absent)}"
            if key in found:
                unit = 10.0 ** printed.as_tuple().exponent if isinstance(printed, Decimal) else 0.5
                verdict = "agrees" if abs(found[key] - float(printed)) < unit else "differs"
            findings.append(Finding(key, printed, found.get(key), verdict))
    why = "not recomputed: Figure 7's panels have to be found among the previews by eye"
    return findings + [Finding(key, _printed(key), None, why) for key in BY_EYE]


def report(folder: Path) -> str:
    """The comparison as text, a line a number and a count at the end; `AstroganError` where there is no such folder."""
    if not folder.is_dir():
        raise AstroganError(f"{folder} is no folder. Name the one that holds the authors' files.")
    findings = compare(folder)
    lines = [f"{each.verdict}: {each.key} is {each.printed} here, {each.found} from the files" for each in findings]
    agree, differ = (sum(each.verdict == word for each in findings) for word in ("agrees", "differs"))
    return "\n".join([*lines, f"{agree} agree, {differ} differ, {len(findings) - agree - differ} not computed"])


def _printed(key: str) -> Any:
    return reduce(lambda value, part: value[part], key.split("."), load().model_dump())


def _log(path: Path) -> list[float]:
    log = pd.read_csv(path)
    ends = [(c.iloc[0], c.min(), c.max(), c.iloc[-1]) for c in (log["gen_loss"], log["disc_loss"])]
    return [len(log), *ends[0], *ends[1]]


def _count(folder: Path, pattern: str, pick: Callable[[Iterable[int]], int] = max) -> int:
    """The greatest (or least) number that `pattern` finds in what the cells of a folder's notebooks wrote as text."""
    books = [nbformat.read(path, as_version=4) for path in sorted(folder.rglob("*.ipynb"))]
    outputs = [output for book in books for cell in book.cells for output in cell.get("outputs", [])]
    texts = (output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs)
    return pick(int(number) for number in re.findall(pattern, "\n".join(texts), re.MULTILINE))


def _pictures(folder: Path) -> dict[int, np.ndarray]:
    """File number to uint8 RGB (H, W, 3)."""
    paths = sorted(folder.glob("image_*.png"))
    return {int(path.stem.removeprefix("image_")): np.asarray(Image.open(path).convert("RGB")) for path in paths}


def _wrapped(pictures: Iterable[np.ndarray]) -> np.ndarray:
    return np.stack([one.astype(int) - one.min(axis=-1, keepdims=True) > WRAPPED for one in pictures])


def _basic(folder: Path) -> tuple[float, ...]:
    pictures = _pictures(folder)
    speckled = _wrapped(pictures.values()).any(axis=(1, 2, 3)).mean()
    return len(pictures[min(pictures)]), speckled, min(pictures), max(pictures)


def _lab(folder: Path) -> tuple[float, ...]:
    """Share of pictures with a white corner, share of white pixels, number of pictures with a near copy."""
    pictures = list(_pictures(folder).values())
    white = np.stack([lightness_of(one) >= WHITE for one in pictures])
    small = [Image.fromarray(one).convert("L").resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX) for one in pictures]
    with np.errstate(invalid="ignore"):  # a blank picture is like nothing
        alike = np.corrcoef([np.asarray(one, float).ravel() for one in small]) - 2 * np.eye(len(small))
    return white[:, [0, 0, -1, -1], [0, -1, 0, -1]].any(axis=1).mean(), white.mean(), (alike > ALIKE).any(axis=1).sum()


def _stand_in(basic: Path, lab: Path, rgb: Path) -> list[float]:
    """Published L1 and L2 of grey, mean absolute error of the RGB outputs as saved and with wrapped blue at zero.

    Stand-in for the truth: lightness of the L*a*b* outputs, which is true; colour of the Basic U-net's, learnt by heart.
    """
    colour, light, saved = (_pictures(folder) for folder in (basic, lab, rgb))
    numbers = sorted(colour.keys() & light.keys())
    colours, lights = (np.stack([of[number] for number in numbers]) for of in (colour, light))
    step = lights.shape[1] // colours.shape[1]
    every = slice(step // 2, None, step)  # nearest neighbour, as Keras reduced them; it mixes no wrapped values
    joined = torch.from_numpy(lab_of(np.where(_wrapped(colours), 0, colours).astype(np.uint8))).permute(0, 3, 1, 2)
    joined[:, 0] = torch.from_numpy(lab_of(lights[:, every, every]))[..., 0]
    truth = to_pictures(lab_to_rgb(joined))
    grey = (255 * lab_to_rgb(joined * torch.tensor([1, 0, 0]).view(3, 1, 1)) + 1e-3).int().permute(0, 2, 3, 1).numpy()
    right = truth[[number in saved for number in numbers]].astype(int)
    shown = np.stack([saved[number][every, every] for number in numbers if number in saved]).astype(int)
    unwrapped = np.where(_wrapped(shown) & [False, False, True], 0, shown)
    return [*_published(truth, grey), np.abs(right - shown).mean(), np.abs(right - unwrapped).mean()]


def _published(truth: np.ndarray, floor: np.ndarray) -> list[float]:
    return [sums.sum() / truth.size for sums in wrapped_sums(truth, floor).values()]


def _example(*paths: Path) -> list[float]:
    """Detail of the five pictures; L1 and L2 of the two SRGANs; least and greatest share of specks of the other two."""
    pictures = [Image.open(path).convert("RGB") for path in paths]
    detail = [laplace(np.asarray(one.convert("L"), float))[MARGIN:-MARGIN, MARGIN:-MARGIN].std() for one in pictures]
    truth, *outputs = (np.asarray(one) for one in pictures)
    norms = [norm for one in outputs[:2] for norm in _published(truth[None], one[None].astype(np.int16))]
    specks = sorted(((truth >= OVERFLOWN[0]) & (one < OVERFLOWN[1])).any(axis=-1).mean() for one in outputs[2:])
    return [*detail, *norms, *specks]


def _keys(names: str, of: str = "evidence") -> list[str]:
    return [f"{of}.{name}" for name in names.split()]


_BASIC, _RGB, _LAB = "rgb-basic-adversarial", "rgb-resnet18-adversarial", "lab-resnet18-pretrain"
_SAVED = [f"outputs/{row}" for row in (_BASIC, _LAB, _RGB)]
_EXAMPLE = [f"example/{name}.png" for name in ("truth", "srgan-pretrained", "srgan-finetuned", "edsr", "wdsr")]
_FOUND, _MAP = r"Found (\d+) images", r"\(None, (\d\d+), \1, 1\)"  # Keras: the most images; the least one-channel map
_TRAIN, _TEST = r"^\(?(\d+),? \d+\)?$", r"^\(?\d+,? (\d+)\)?$"  # PyTorch: a line of two counts
_DECIMAL = re.compile(r"\d+\.\d+")
_CURVES = "rows " + " ".join(f"{net}.{end}" for net in ("generator", "discriminator") for end in Curve.model_fields)
_PLATEAU = _keys("discriminator_equilibrium discriminator_spread")
_TABLE5 = [f"tables.table5.rows.{row}.fid" for row in (_BASIC, _LAB, "lab-resnet18-finetune")]  # greatest first
_DETAIL = "sr_truth_detail sr_pretrained_detail sr_finetuned_detail edsr_detail wdsr_detail"
_NORMS = " ".join(f"sr_example_{state}_{norm}" for state in ("pretrained", "finetuned") for norm in ("l1", "l2"))
BY_EYE = _keys("preview_epochs preview_error_shown preview_error_true")
RECIPES: list[tuple[Callable[..., Iterable[float]], list[str], list[str]]] = [
    (_log, [f"logs/{_BASIC}.csv"], _keys(_CURVES, f"histories.{_BASIC}")),
    (_log, [f"logs/{_RGB}.csv"], _keys(_CURVES, f"histories.{_RGB}")),
    (lambda f: pd.read_csv(f)["disc_loss"][SETTLED:].agg(["mean", "std"]), [f"logs/{_BASIC}.csv"], _PLATEAU),
    # a sigmoid's output taken for logits is at best 1 for real and 0 for fake
    (lambda: [math.log1p(math.exp(-1)) + math.log(2)], [], _keys("discriminator_least_possible")),
    (lambda: [wrapped.mean() for wrapped in DIFFERENCES.values()], [], _keys("random_wrapped_l1 random_wrapped_l2")),
    (lambda f: [_count(f, _FOUND), _count(f, _MAP, min)], ["notebooks/keras"], _keys("all_images patch_side")),
    (lambda f: [_count(f, _TRAIN), _count(f, _TEST)], ["notebooks/torch"], _keys("training_images test_images")),
    (lambda f: sorted(map(float, _DECIMAL.findall(f.read_text())), reverse=True), ["FID.txt"], _TABLE5),
    (_basic, _SAVED[:1], _keys("basic_size speckled_basic_share first_test_number last_test_number")),
    (lambda f: [_wrapped(_pictures(f).values())[..., 2].mean()], _SAVED[2:], _keys("wrapped_blue_share")),
    (_lab, _SAVED[1:2], _keys("archive_share white_share near_duplicates")),
    (_stand_in, _SAVED, _keys("grey_wrapped_l1 grey_wrapped_l2 wrapped_error unwrapped_error")),
    (_example, _EXAMPLE, _keys(f"{_DETAIL} {_NORMS} sr_specks_low sr_specks_high")),
]
"""What makes the values, the files it takes below the reader's folder, and the values' paths in `paper.yaml`."""
