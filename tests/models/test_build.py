"""Networks from a configuration, through the registries."""

import pytest
import torch
import torchvision.models as tv
from torch import nn

from astrogan.base import AstroganError
from astrogan.models import build
from astrogan.models.build import build_discriminator, build_generator, empty_generator
from astrogan.models.config import NetworkConfig
from astrogan.models.discriminators import DISCRIMINATORS
from astrogan.models.encoders import ENCODERS, Encoder
from astrogan.models.generators import GENERATORS
from astrogan.models.generators.edsr import EDSR
from astrogan.models.generators.srresnet import SRResNet
from astrogan.models.generators.wdsr import WDSR
from astrogan.models.network import Network
from astrogan.models.weights import Resolution, nothing_at_hand

NOTHING = nothing_at_hand("not here")


def upscaler(name, **values):
    return NetworkConfig(generator=name, discriminator="srgan", **values)


@pytest.mark.parametrize(("name", "kind"), [("srresnet", SRResNet), ("edsr", EDSR), ("wdsr", WDSR)])
def test_each_super_resolution_generator_scales_by_four(name, kind):
    network = build_generator(upscaler(name), 32, NOTHING).network.eval()
    assert type(network) is kind
    with torch.no_grad():
        assert network(torch.rand(1, 3, 8, 6)).shape == (1, 3, 32, 24)


def test_expansion_widens_wdsr():
    """Two 1x1 convolutions of 32 blocks: 32 x 32 and 32 x 25 weights, a bias and a gain for each unit of expansion."""
    counts = {
        expansion: sum(p.numel() for p in empty_generator(upscaler("wdsr", expansion=expansion), 32).parameters())
        for expansion in (4, 6)
    }
    assert counts[6] == 615_088
    assert counts[6] - counts[4] == 32 * 2 * 32 * (32 + 25 + 2)


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("space", ["lab", "rgb"])
def test_every_generator_of_the_registry_gives_what_its_task_takes(name, space):
    colour = GENERATORS[name].task == "colour"
    config = NetworkConfig(generator=name, discriminator="patchgan" if colour else "srgan", space=space)
    network = empty_generator(config, 64).eval()
    channels = {"lab": 2, "rgb": 3}[space] if colour else 3
    with torch.no_grad():
        output = network(torch.rand(1, 1, 64, 64) if colour else torch.rand(1, 3, 16, 16))
    assert output.shape == (1, channels, 64, 64)


@pytest.mark.parametrize("name", DISCRIMINATORS)
@pytest.mark.parametrize("as_run", [False, True])
def test_every_discriminator_of_the_registry_judges_what_its_task_gives(name, as_run):
    colour = DISCRIMINATORS[name].task == "colour"
    generator = "encoder_unet" if colour else "edsr"
    config = NetworkConfig(generator=generator, discriminator=name, as_run=as_run, space="rgb")
    network = build_discriminator(config, 64, NOTHING).network.eval()
    condition = torch.rand(2, 1, 64, 64) if colour else torch.rand(2, 3, 16, 16)
    with torch.no_grad():
        assert len(network(condition, torch.rand(2, 3, 64, 64))) == 2


def test_a_random_start_is_noted_with_its_reason():
    whole = NetworkConfig(discriminator="resnet50_patch")
    assert build_generator(whole, 32, NOTHING).notes == [
        "generator's encoder resnet18 started from random weights: ImageNet weights were not here"
    ]
    assert build_discriminator(whole, 32, NOTHING).notes == [
        "discriminator's encoder resnet50 started from random weights: ImageNet weights were not here"
    ]
    plain = NetworkConfig(pretrained=False)
    assert build_generator(plain, 32, NOTHING).notes == [
        "generator's encoder resnet18 started from random weights, as configured"
    ]
    assert build_discriminator(plain, 32, NOTHING).notes == []


@pytest.mark.parametrize(("pretrained", "notes"), [(True, 1), (False, 0)])
def test_what_no_imagenet_weights_fit_is_said_where_they_were_wanted(pretrained, notes):
    config = NetworkConfig(generator="preactivation_unet", pretrained=pretrained)
    found = build_generator(config, 32, NOTHING).notes
    assert len(found) == notes
    assert all(note.endswith("no ImageNet weights fit it") for note in found)


def test_weights_at_hand_are_loaded_and_leave_no_note(monkeypatch):
    torch.manual_seed(0)
    weights = tv.resnet18(weights=None).state_dict()
    monkeypatch.setattr(build, "load", lambda found: weights)
    built = build_generator(NetworkConfig(), 32, lambda name: Resolution(name, True, "x", "0", "here", None))
    assert built.notes == []
    stem = built.network.layers[0][0].weight
    torch.testing.assert_close(stem, weights["conv1.weight"].sum(dim=1, keepdim=True))


@pytest.mark.parametrize(
    ("field", "known"),
    [("generator", GENERATORS), ("encoder", ENCODERS), ("discriminator", DISCRIMINATORS)],
)
def test_an_unknown_network_is_refused_with_the_known_ones(field, known):
    with pytest.raises(AstroganError, match=f"'{field}' = 'nothing'.*known are {', '.join(known)}"):
        NetworkConfig.checked(**{field: "nothing"})


def test_networks_of_both_tasks_do_not_mix():
    with pytest.raises(AstroganError, match="discriminator 'srgan' does not judge outputs of 'encoder_unet'"):
        NetworkConfig.checked(discriminator="srgan")
    with pytest.raises(AstroganError, match="discriminator 'patchgan' does not judge outputs of 'edsr'"):
        NetworkConfig.checked(generator="edsr")


def test_a_checkpoints_networks_come_back_and_unknown_ones_are_named():
    for config in (NetworkConfig(encoder="mobilenet_v2", space="rgb"), upscaler("wdsr", expansion=4)):
        assert NetworkConfig.of_checkpoint(config.identity, "x.pt") == config
    for identity in ({"generator": "resnet18_unet"}, {"generator": "edsr", "discriminator": "srgan", "layers": 3}):
        with pytest.raises(
            AstroganError, match=r"x\.pt holds a network that this version does not know.*Train its phase"
        ):
            NetworkConfig.of_checkpoint(identity, "x.pt")


def test_an_encoder_is_added_in_one_line(monkeypatch):
    monkeypatch.setitem(ENCODERS, "resnet34", Encoder(tv.resnet34, "resnet34", cut=-2))
    config = NetworkConfig(encoder="resnet34", pretrained=False)
    assert config.weights_needed == set()
    assert NetworkConfig(encoder="resnet34").weights_needed == {"resnet34"}
    with torch.no_grad():
        assert empty_generator(config, 32).eval()(torch.rand(1, 1, 32, 32)).shape == (1, 2, 32, 32)


def test_a_generator_is_added_in_one_line(monkeypatch):
    monkeypatch.setitem(GENERATORS, "tiny", Network("colour", lambda c, size, start: nn.Conv2d(1, c.channels, 3)))
    assert type(empty_generator(NetworkConfig(generator="tiny"), 32)) is nn.Conv2d
