import pytest
import torch

from astrogan import device
from astrogan.device import Precision, choose_precision

CPU = torch.device("cpu")
PLAIN, LAST, BFLOAT16 = (False, False), (False, True), (True, True)


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        # an AMD processor with AVX512-BF16, an Intel one with it and no AMX, one without
        ({PLAIN: 304, LAST: 310, BFLOAT16: 570}, BFLOAT16),
        ({PLAIN: 304, LAST: 290, BFLOAT16: 170}, PLAIN),
        ({PLAIN: 100, LAST: 119, BFLOAT16: 8}, PLAIN),
        ({PLAIN: 100, LAST: 121, BFLOAT16: 119}, LAST),
    ],
)
def test_the_faster_arithmetic_is_taken_where_it_is_a_fifth_faster(monkeypatch, rates, expected):
    monkeypatch.setattr(device, "probe", lambda _device: rates)
    precision = choose_precision("auto", CPU)
    assert (precision.bfloat16, precision.channels_last) == expected
    assert all(f"{rate}" in str(precision) for rate in rates.values())


def test_a_wish_overrides_and_nothing_is_probed(monkeypatch):
    monkeypatch.setattr(device, "probe", None)
    assert choose_precision("bfloat16", CPU) == Precision(CPU, True, True, "as asked")
    assert choose_precision("float32", CPU) == Precision(CPU, False, False, "as asked")


def test_the_probe_measures_three_ways_once_and_leaves_the_threads():
    threads = torch.get_num_threads()
    rates = device.probe(CPU)
    assert list(rates) == [PLAIN, LAST, BFLOAT16]
    assert all(rate > 0.1 for rate in rates.values())
    assert device.probe(CPU) is rates
    assert torch.get_num_threads() == threads


def test_what_is_far_slower_at_first_is_not_tried_again(monkeypatch):
    counts = dict.fromkeys((PLAIN, LAST, BFLOAT16), 0)
    monkeypatch.setattr(device, "_convolution", lambda _device, *kind: lambda: kind)
    seconds = {PLAIN: 1.0, LAST: 0.5, BFLOAT16: 9.0}

    def timed(run, _device):
        counts[run()] += 1
        return seconds[run()]

    monkeypatch.setattr(device, "_timed", timed)
    rates = device._rates(CPU)
    assert counts == {PLAIN: 4, LAST: 4, BFLOAT16: 1}
    assert rates[LAST] == 2 * rates[PLAIN]
    assert rates[BFLOAT16] == pytest.approx(rates[PLAIN] / 9)


@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("bfloat16", [False, True])
def test_networks_and_batches_are_placed_alike(bfloat16, channels_last):
    precision = Precision(CPU, bfloat16, channels_last, "test")
    network = precision.place(torch.nn.Conv2d(4, 4, 3))
    batch = precision.place_batch(torch.zeros(2, 4, 8, 8))
    assert network.weight.is_contiguous(memory_format=torch.channels_last) == channels_last
    assert batch.is_contiguous(memory_format=torch.channels_last) == channels_last
    with precision.autocast():
        assert network(batch).dtype == (torch.bfloat16 if bfloat16 else torch.float32)
