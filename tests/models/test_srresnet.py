import torch
from torch import nn

from astrogan.models.generators.srresnet import PReLU, SRResNet


def test_counts():
    network = SRResNet()
    assert sum(p.numel() for p in network.parameters()) == 1_550_659
    assert sum(b.numel() for name, b in network.named_buffers() if "running" in name) == 4_224
    assert sum(isinstance(m, nn.PReLU) for m in network.modules()) == 1 + 16 + 2


def test_output_never_leaves_the_unit_range():
    torch.manual_seed(0)
    network = SRResNet(blocks=1).eval()
    with torch.no_grad():
        network.tail[-2].weight.mul_(1e4)
        output = network(torch.rand(1, 3, 8, 8))
    assert output.min() >= 0
    assert output.max() <= 1
    assert output.std() > 0.4


def test_fast_prelu_equals_torch():
    """bfloat16 holds 8 bits of a number: values agree to 1 %, and at zero both take the slope."""
    torch.manual_seed(0)
    features = torch.randn(2, 4, 6, 6).bfloat16()
    features[0, 0, 0, 0] = 0
    upstream = torch.randn(2, 4, 6, 6).bfloat16()
    results = []
    for layer, dtype in ((PReLU(4), torch.bfloat16), (nn.PReLU(4), torch.float32)):
        inputs = features.detach().clone().to(dtype).requires_grad_()
        output = layer(inputs)
        output.backward(upstream.to(dtype))
        results.append((output.float(), inputs.grad.float(), layer.weight.grad))
    for fast, exact in zip(*results, strict=True):
        assert torch.allclose(fast, exact, rtol=1e-2, atol=1e-2)
