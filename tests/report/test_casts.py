import json
from dataclasses import replace

import numpy as np
import pytest

from astrogan.evaluation.evaluate import evaluate
from astrogan.evaluation.intervals import spatial_blocks
from astrogan.evaluation.results import Results
from astrogan.report.casts import as_cast, cast_row, score_cast
from astrogan.report.paper import rows


def test_a_cast_row_is_measured_like_the_clipped_row_beside_it(make_run, made_rows):
    """One observation of 16 tiles, 4 a side: four spatial blocks, and an interval for the wavelet distance."""
    run = make_run(only=())
    side = made_rows[rows.RGB].size[0]
    names = np.array([f"field.png@{side * (n % 4)},{side * (n // 4)}" for n in range(16)])
    predictions = replace(made_rows[rows.RGB], observation=np.full(16, "field"), tile=names)
    predictions.save(run / "predictions" / f"{rows.RGB}.npz")
    blocks = spatial_blocks(predictions.observation, predictions.tile, side)
    clipped = evaluate(predictions, blocks=blocks, without={"fid", "kid", "lpips"}) | {"seeds": [3]}
    (run / "metrics" / f"{rows.RGB}.json").write_text(json.dumps({"format": 2} | clipped))
    unavailable = {"name": "inception_fid", "available": False, "reason": "for this test"}
    record = unavailable | dict.fromkeys(("filename", "sha256", "found_in"))
    (run / "weights.json").write_text(json.dumps({"inception_fid": record}))
    folder = Results.open(run)
    score_cast(folder, rows.RGB)
    cast = folder.metrics[cast_row(rows.RGB)]
    for key in ("groups", "group_count", "decidable", "observations", "n", "size"):
        assert cast[key] == clipped[key]
    assert cast["groups"] == "spatial blocks"
    assert cast["methods"]["fwd"] == clipped["methods"]["fwd"]
    expected = evaluate(as_cast(predictions), blocks=blocks, without={"fid", "kid", "lpips"})
    assert cast["fwd"] == pytest.approx(expected["fwd"])
    assert cast["interval"]["fwd"] == pytest.approx(expected["interval"]["fwd"])
    assert "for this test" in cast["reasons"]["fid"]
