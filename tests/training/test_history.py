import pytest

from astrogan.files import write_json
from astrogan.training.history import history_frame, plot_history


def write(tmp_path, train, valid):
    epochs = [{"epoch": n, "train": train, "valid": valid, "seconds": 1.0} for n in (1, 2)]
    return write_json(tmp_path / "h.json", {"epochs": epochs})


def test_colour_has_its_losses_by_name(tmp_path):
    path = write(tmp_path, {"l1": 0.2, "g_adversarial": 1.0, "g": 21.0, "d": 0.6}, {"l1": 0.3})
    frame = history_frame(path)
    assert list(frame) == ["l1", "g_adversarial", "g", "d", "validation l1"]
    assert frame.index.tolist() == [1, 2]
    panels = plot_history(path).figure.axes
    assert [[line.get_label() for line in panel.lines] for panel in panels] == [
        ["l1", "validation l1"],
        ["g_adversarial", "d"],
    ]


def test_a_mean_squared_error_is_shown_as_psnr(tmp_path):
    """Twice the error on 0-1 of one grey level in a hundred: 40 dB for 0.01 squared."""
    path = write(
        tmp_path, {"vgg19": 0.2, "g_adversarial": 1.0, "g": 0.2, "d": 1.3}, {"vgg19": 0.3, "clipped_mse": 1e-4}
    )
    frame = history_frame(path)
    assert frame["validation PSNR"].tolist() == pytest.approx([40, 40])
    assert "validation clipped_mse" not in frame
    panels = plot_history(path).figure.axes
    assert [panel.get_ylabel() for panel in panels] == ["loss", "dB", "loss"]
    assert len(panels[0].lines) == 2


def test_supervised_training_by_squared_error_has_two_panels(tmp_path):
    panels = plot_history(write(tmp_path, {"mse": 0.1}, {"clipped_mse": 0.01})).figure.axes
    assert [[line.get_label() for line in panel.lines] for panel in panels] == [["mse"], ["validation PSNR"]]
