import torch

from astrogan.device import Precision, choose_precision


def test_a_capped_processor_runs_in_float32(monkeypatch):
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    precision = choose_precision("auto", torch.device("cpu"))
    assert not precision.bfloat16
    assert "AVX2" in str(precision)


def test_hardware_decides_and_a_wish_overrides(monkeypatch):
    monkeypatch.delenv("ONEDNN_MAX_CPU_ISA", raising=False)
    for amx, avx, expected in ((True, True, True), (False, True, True), (False, False, False)):
        monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda amx=amx: amx)
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda avx=avx: avx)
        assert choose_precision("auto", torch.device("cpu")).bfloat16 is expected
    assert choose_precision("bfloat16", torch.device("cpu")).bfloat16
    assert not choose_precision("float32", torch.device("cpu")).bfloat16


def test_bfloat16_comes_with_channels_last():
    for bfloat16 in (True, False):
        precision = Precision(torch.device("cpu"), bfloat16, "test")
        network = precision.place(torch.nn.Conv2d(4, 4, 3))
        batch = precision.place_batch(torch.zeros(2, 4, 8, 8))
        assert network.weight.is_contiguous(memory_format=torch.channels_last) == bfloat16
        assert batch.is_contiguous(memory_format=torch.channels_last) == bfloat16
        with precision.autocast():
            assert network(batch).dtype == (torch.bfloat16 if bfloat16 else torch.float32)
