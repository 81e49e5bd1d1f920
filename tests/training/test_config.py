"""The parameters of a training: what is published where nothing is said, and what is refused."""

import pytest

from astrogan.base import AstroganError
from astrogan.models.config import NetworkConfig
from astrogan.models.generators import GENERATORS
from astrogan.tasks import TASKS
from astrogan.training.config import PhaseConfig, TrainStage


@pytest.mark.parametrize("given", [{}, {"losses": None, "criterion": None, "lr": None, "beta1": None}])
@pytest.mark.parametrize(
    ("task", "generator", "phase", "losses", "lr", "beta1", "criterion"),
    [
        ("colour", "encoder_unet", "pretrain", {"l1": 1.0}, 2e-4, 0.5, "l1"),
        ("colour", "encoder_unet", "adversarial", {"adversarial": 1.0, "l1": 100.0}, 2e-4, 0.5, "l1"),
        ("colour", "basic_unet", "finetune", {"adversarial": 1.0, "l1": 100.0}, 2e-4, 0.5, "l1"),
        ("upscale", "srresnet", "supervised", {"mse": 1.0}, 1e-4, 0.9, "clipped_mse"),
        ("upscale", "edsr", "supervised", {"l1": 1.0}, 1e-4, 0.9, "clipped_mse"),
        ("upscale", "wdsr", "supervised", {"l1": 1.0}, 1e-3, 0.9, "clipped_mse"),
        ("upscale", "srresnet", "adversarial", {"vgg19": 1.0, "adversarial": 1e-3}, 1e-4, 0.9, "vgg19"),
        ("upscale", "wdsr", "finetune", {"vgg19": 1.0, "adversarial": 1e-3}, 1e-4, 0.9, "vgg19"),
    ],
)
def test_what_is_not_said_is_as_published(task, generator, phase, losses, lr, beta1, criterion, given):
    config = TrainStage.checked(task=task, generator=generator, phase=phase, **given)
    assert (config.losses, config.lr, config.beta1, config.criterion) == (losses, lr, beta1, criterion)
    assert list(config.losses) == list(losses), "terms are added up in this order"


def test_what_is_said_counts():
    said = {"losses": {"mse": 2.0}, "lr": 0.5, "beta1": 0.25, "criterion": "mse"}
    for task, generator in (("colour", "encoder_unet"), ("upscale", "wdsr")):
        config = TrainStage.checked(task=task, generator=generator, **said)
        assert {name: getattr(config, name) for name in said} == said


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_a_task_alone_is_a_training_of_its_first_phase(task):
    config = TrainStage.checked(task=task.name)
    assert config.phase == next(iter(task.phases))
    assert config.row == f"interactive-{config.phase}"
    assert not config.adversarial
    assert TrainStage.checked(**config.parameters) == config


@pytest.mark.parametrize("generator", GENERATORS)
def test_every_recipe_is_a_phase(generator):
    PhaseConfig.checked(**GENERATORS[generator].recipe)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"task": "sharpen"}, r"'task' = 'sharpen': Input should be 'colour' or 'upscale'"),
        ({"task": ["colour"]}, r"'task' = \['colour'\]: Input should be"),
        ({"phase": "supervised"}, "not a phase of the task colour; they are pretrain, adversarial, finetune"),
        ({"task": "upscale", "phase": "pretrain"}, "task upscale; they are supervised, adversarial, finetune"),
        ({"phase": ["pretrain"]}, "not a phase of the task colour"),
        ({"generator": "nothing"}, "'generator' = 'nothing'.*no generator is called so; known are encoder_unet"),
        ({"generator": ["edsr"]}, "'generator' = .*valid string"),
        ({"encoder": "nothing"}, "no encoder is called so; known are resnet18, mobilenet_v2"),
        ({"discriminator": "nothing"}, "no discriminator is called so; known are patchgan"),
        ({"generator": "edsr"}, "discriminator 'patchgan' does not judge outputs of 'edsr'"),
        ({"task": "upscale", "generator": "encoder_unet", "discriminator": "patchgan"}, "is of the task colour"),
        ({"epochz": 1}, "'epochz' is not a parameter of the task colour; known are .*epochs"),
        ({"crop": 32}, "'crop' is not a parameter of the task colour; known are .*leak_test"),
        ({"degradation": "bicubic"}, "'degradation' is not a parameter of the task colour"),
        ({"expansion": 4}, "'expansion' is not a parameter of the task colour"),
        (
            {"task": "upscale", "leak_test": True},
            "'leak_test' is not a parameter of the task upscale; known are .*crop",
        ),
        ({"task": "upscale", "encoder": "resnet18"}, "'encoder' is not a parameter of the task upscale"),
        ({"task": "upscale", "space": "rgb"}, "'space' is not a parameter of the task upscale"),
        ({"task": "upscale", "size": 34}, "'size' = 34: Input should be a multiple of 4"),
        ({"task": "upscale", "crop": 18}, "'crop' = 18: Input should be a multiple of 4"),
        ({"criterion": "mse"}, "'criterion' = 'mse' is neither of the losses nor l1"),
        ({"phase": "adversarial", "criterion": "adversarial"}, "'criterion' = 'adversarial' is neither"),
        ({"experiment": "A b"}, "'experiment' = 'A b'"),
        ({"epochs": None}, "'epochs' = None"),
        ({"lr": 0.0}, "'lr' = 0"),
    ],
)
def test_wrong_parameters_are_refused_with_what_is_known(values, message):
    with pytest.raises(AstroganError, match=message):
        TrainStage.checked(**values)


def test_a_colour_tile_may_have_any_side():
    assert TrainStage.checked(size=34).size == 34


def test_the_weights_that_a_phase_looks_up():
    assert TrainStage.checked().all_weights == {"resnet18"}
    assert TrainStage.checked(pretrained=False).all_weights == set()
    both = TrainStage.checked(encoder="mobilenet_v2", discriminator="vgg16_residual")
    assert both.all_weights == {"mobilenet_v2", "vgg16"}
    assert both.weights_required == set()
    for content, name in (("vgg19", "vgg19"), ("squeezenet", "squeezenet1_1"), ("pixel", None)):
        config = TrainStage.checked(task="upscale", phase="finetune", losses={content: 1.0, "adversarial": 1e-3})
        assert config.weights_required == config.all_weights == ({name} if name else set())


def test_the_parts_of_a_stage_are_its_networks_and_its_phase():
    config = TrainStage.checked(task="upscale", generator="wdsr", expansion=4, crop=64)
    network = config.part(NetworkConfig)
    assert network.identity == {"generator": "wdsr", "expansion": 4, "back_projection": 0, "discriminator": "srgan"}
    assert config.part(PhaseConfig).losses == {"l1": 1.0}
    assert (config.side, TrainStage.checked(size=128).side) == (64, 128)
