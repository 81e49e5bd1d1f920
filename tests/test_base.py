import pytest

from astrogan.base import AstroganError
from astrogan.data.config import TilesConfig, expand_source
from astrogan.models.config import NetworkConfig
from astrogan.training.config import PhaseConfig, TrainStage


def test_unknown_and_ill_typed_parameters_are_named():
    with pytest.raises(AstroganError, match=r"'epochz' is not a parameter; known are .*epochs"):
        PhaseConfig.checked(epochz=3)
    with pytest.raises(AstroganError, match=r"'epochs' = '3'.*integer"):
        PhaseConfig.checked(epochs="3")
    with pytest.raises(AstroganError, match=r"'lr' = 0"):
        PhaseConfig.checked(lr=0)


def test_a_notebooks_namespace_becomes_a_configuration():
    namespace = {"epochs": 5, "_private": 1, "In": [], "Path": PhaseConfig, "sys": pytest}
    assert PhaseConfig.from_notebook(namespace).epochs == 5
    with pytest.raises(AstroganError, match="'epochz' is not a parameter"):
        PhaseConfig.from_notebook(namespace | {"epochz": 1})


def test_a_flat_configuration_has_its_parts():
    config = TrainStage.checked(epochs=3, size=64, split_seed=7)
    assert config.part(PhaseConfig).epochs == 3
    assert config.part(TilesConfig).split_seed == 7
    assert config.row == "interactive-pretrain"


def test_configurations_are_frozen():
    config = PhaseConfig()
    with pytest.raises(ValueError, match="frozen"):
        config.epochs = 3


def test_a_source_expands_variables_or_says_which_is_missing(monkeypatch):
    monkeypatch.setenv("ASTROGAN_DATA", "images")
    assert expand_source("folder:$ASTROGAN_DATA/astro") == "folder:images/astro"
    monkeypatch.delenv("ASTROGAN_DATA")
    with pytest.raises(AstroganError, match="environment variable is not set"):
        expand_source("folder:$ASTROGAN_DATA/astro")


def test_parameters_that_would_be_ignored_are_refused():
    with pytest.raises(AstroganError, match=r"'mobilenet_v2' is an encoder of the generator 'encoder_unet'"):
        NetworkConfig.checked(generator="basic_unet", encoder="mobilenet_v2")


def test_the_short_encoder_needs_the_whole_ones_weights():
    assert NetworkConfig(encoder="mobilenet_v2_stride16").weights_needed == {"mobilenet_v2"}
    assert NetworkConfig().weights_needed == {"resnet18"}


def test_an_encoder_that_was_never_trained_cannot_be_frozen():
    with pytest.raises(AstroganError, match="as_run froze"):
        TrainStage.checked(generator="preactivation_unet", as_run=True)
