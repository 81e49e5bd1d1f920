"""What the prose says of the run that is shown."""

import pytest

from astrogan.book.shown import averages, older
from astrogan.data.config import TilesConfig
from astrogan.evaluation import Results


@pytest.fixture
def run(tmp_path):
    """Three trainings of one row, with the errors 2, 3 and 7, and grey with 5."""
    run = Results(tmp_path)
    rows = ["lab-resnet18-finetune", "lab-resnet18-seed1-finetune", "lab-resnet18-seed2-finetune", "grey"]
    for row, error in zip(rows, (2.0, 3.0, 7.0, 5.0), strict=True):
        values = {"mae_rgb": error, "published_l1_rgb": 10 * error, "fid": None, "lpips": None if error == 3 else error}
        run.write(run.metrics_file(row), {"n": 4, "values": values})
    return run


def test_a_number_in_prose_is_the_mean_of_the_trainings_as_in_the_tables(run):
    before = averages(run)["lab-resnet18-finetune"]
    assert before["mae_rgb"] == 2  # no measures were kept, so that tables show the first training
    for row in run.metrics:
        run.measures_file(row).parent.mkdir(exist_ok=True)
        run.measures_file(row).touch()
    found = averages(run)
    assert found["lab-resnet18-finetune"]["values"]["mae_rgb"] == found["lab-resnet18-finetune"]["mae_rgb"] == 4
    assert found["lab-resnet18-finetune"]["published_l1_rgb"] == 20  # the paper's arithmetic is of one training
    assert found["lab-resnet18-finetune"]["lpips"] is None
    assert found["lab-resnet18-finetune"]["n"] == 4
    assert found["lab-resnet18-seed2-finetune"]["mae_rgb"] == 7
    assert found["grey"]["mae_rgb"] == 5


def test_a_run_from_before_the_split_by_object_says_so():
    assert "where a page says *object*, read *observation*" in older({"astronomy": {"config": {"size": 128}}})
    for data in ({}, {"astronomy": {"config": TilesConfig(native=True).model_dump()}}):
        assert older(data) == ""
