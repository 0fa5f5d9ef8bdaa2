import copy
from pathlib import Path

import pytest
import yaml
from studies import ADDING, COPYING, XOR

from rnnbench.study.settings import SettingsError, TaskSettings, check_schema
from rnnbench.study.variants import Variant

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.json"
CONFIG = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))


MNIST = {"loss": None, "rest": 0.0, "leak": 0.0, **CONFIG["tasks"]["mnist"]}


def broken(path, value):
    config = copy.deepcopy(CONFIG)
    place = config
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return config


def test_the_default_config_is_valid():
    check_schema(CONFIG, SCHEMA)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["sede"], 1, "top level: unknown key 'sede'; did you mean 'seed'?"),
        (["tasks", "xor", "repliactes"], 3, "tasks.xor: unknown key 'repliactes'; did you mean 'replicates'?"),
        (["tasks", "xor", "recipes", "online", "lr"], 3, "tasks.xor.recipes.online: unknown key 'lr'"),
        (["tasks", "xor", "activation"], "tahn", "tasks.xor.activation: 'tahn' is not one of"),
        (["tasks", "mnist", "hidden"], [], "tasks.mnist.hidden: "),
        (["tasks", "mnist", "initial"], {"R": "ortogonal"}, "tasks.mnist.initial.R: 'ortogonal' is not one of"),
        (
            ["tasks", "mnist", "sizes", "bits"],
            56,
            "tasks.mnist.sizes: unknown key 'bits'; known: train, validation, test, side, pixels",
        ),
        (["tasks", "mnist", "sizes", "tarin"], 56, "tasks.mnist.sizes: unknown key 'tarin'; did you mean 'train'?"),
        (["tasks", "mnist", "sizes", "train"], 70000, "tasks.mnist.sizes.train: 70000 is greater than the maximum of 60000"),
        (["tasks", "xor", "data"], "temporal_xr", "tasks.xor.data: there is no task 'temporal_xr'; did you mean 'temporal_xor'?"),
        (["tasks", "xor", "data"], "none.py:Mine", "tasks.xor.data: there is no file none.py"),
        (["tasks", "xor", "data"], 3, "tasks.xor.data: 3 is not of type 'string'"),
        (["tasks", "xor", "sizes"], {}, "tasks.xor.sizes: 'bits' is a required property"),
        (["tasks", "xor", "recipes", "minibatch", "momentum"], 0.9, "tasks.xor.recipes.minibatch.momentum: 0 was expected"),
        (
            ["tasks", "xor", "recipes", "online", "learning_rate"],
            "1e-3",
            "YAML takes an exponent for a number only after a point",
        ),
        (["tasks", "mnist", "loss"], "mse", "tasks.mnist.loss: 'mse' is not one of"),
        (["tasks", "mnist", "sizes", "side"], 20, "tasks.mnist.sizes.side: 20 is not one of"),
        (["tasks", "xor", "recipes", "online", "initial"], {"W": "zeros"}, "recipes.online.initial: 'R' is a required property"),
        (["statistics"], {"confidence": 95}, "statistics.confidence: 95 is greater than"),
    ],
)
def test_a_mistake_is_named_with_its_place(path, value, message):
    with pytest.raises(SettingsError) as failure:
        check_schema(broken(path, value), SCHEMA)
    assert message in str(failure.value)


def test_all_mistakes_are_named_at_once():
    config = broken(["tasks", "xor", "repliactes"], 3)
    config["sede"] = 1
    with pytest.raises(SettingsError) as failure:
        check_schema(config, SCHEMA)
    assert "repliactes" in str(failure.value) and "sede" in str(failure.value)


@pytest.mark.parametrize(
    ("variant", "message"),
    [
        ({"gradient": "postd"}, "no gradient rule 'postd'; did you mean 'posted'?"),
        ({"library": "torch"}, "library 'torch' is not one of numpy, keras"),
        ({"recipe": "minibach"}, "no recipe 'minibach'; did you mean 'minibatch'?"),
        ({"change": {"windw": 3}}, "unknown key 'windw'; did you mean 'window'?"),
        ({"change": {"batch": 0}}, "minibatch.batch: 0 is less than the minimum of 1"),
        ({"change": {"optimizer": "rmsprop"}}, "minibatch.optimizer: 'rmsprop' is not one of"),
        ({"change": {"learning_rate": -1}}, "minibatch.learning_rate: -1 is less than"),
        ({"change": {"momentum": 0.9}}, "minibatch.momentum: 0 was expected"),
        ({"change": "window=3"}, "change must be a dict"),
        ({"change": {"window": 13}}, "window 13 is longer than the sequence of 12 steps"),
        ({"change": {"sequence": 7}}, "sequence 7 does not divide the 60 steps"),
        ({"change": {"passes": 7}}, "7 passes over sequences of 12 steps are asked for"),
        ({"change": {"sequence": 20}}, "draw an order for 0; put a recipe for it in the config"),
        ({"change": {"batch": 31}}, "6 passes show 30 sequences, which do not fill one batch of 31"),
        ({"change": {"initial": dict.fromkeys("WRb", "zeros")}}, "no recipe of task xor has them, so they are not drawn"),
        ({"library": "keras", "gradient": "rtrl"}, "its gradient is 'bptt'"),
        ({"library": "keras", "change": {"window": 3}}, "window 3 is not for it"),
    ],
)
def test_a_variant_that_does_not_fit_is_named(variant, message):
    config = {**CONFIG, "tasks": {"xor": XOR}}
    fields = {"library": "numpy", "gradient": "bptt", "recipe": "minibatch", "change": {}, **variant}
    with pytest.raises(SettingsError) as failure:
        Variant("mine", **fields).fit(config, "xor", SCHEMA)
    assert str(failure.value).startswith("variant mine on task xor: ") and message in str(failure.value)
    assert "tasks=[" in str(failure.value)


@pytest.mark.parametrize("key", ["gradient", "recipe"])
def test_a_variant_must_say_its_gradient_and_its_recipe(key):
    with pytest.raises(SettingsError, match=f"variant mine says no {key}"):
        Variant("mine", **{"library": "numpy", "gradient": "bptt", "recipe": "online", "change": {}, key: None})


def test_mnist_cannot_be_cut():
    task = TaskSettings.of("mnist", MNIST, 1)
    with pytest.raises(SettingsError, match="scores 1 of 28 steps only"):
        task.recipe("minibatch", {"sequence": 14})


def test_a_window_may_be_as_long_as_its_sequence():
    task = TaskSettings.of("xor", XOR, 1)
    assert task.recipe("minibatch", {"window": 12}).window == 12
    with pytest.raises(SettingsError, match="window 13 is longer than the sequence of 12 steps"):
        task.recipe("minibatch", {"window": 13})


def test_examples_are_the_steps_that_count():
    assert TaskSettings.of("adding", ADDING, 1).examples_of_a_pass == 20
    assert TaskSettings.of("copying", COPYING, 1).examples_of_a_pass == 20 * 3


def test_pixels_that_do_not_divide_an_image_are_named_with_their_task():
    task = {**MNIST, "sizes": {**MNIST["sizes"], "pixels": 5}}
    with pytest.raises(SettingsError, match="tasks.mnist.sizes: pixels 5 does not divide the 784 pixels"):
        TaskSettings.of("mnist", task, 1)


def test_keras_starts_from_zero():
    leaky = TaskSettings.of("xor", {**XOR, "leak": 0.5}, 1)
    with pytest.raises(SettingsError, match="no leaky units"):
        Variant("v", "keras", "bptt", "minibatch", {}).check(leaky)
    with pytest.raises(SettingsError, match="gradient mlp: leaky units remember"):
        Variant("v", "numpy", "mlp", "minibatch", {}).check(leaky)
    task = TaskSettings.of("xor", {**XOR, "rest": 0.5}, 1)
    with pytest.raises(SettingsError, match="Keras starts from a state of zero, not of 0.5"):
        Variant("mine", "keras", "bptt", "minibatch", {}).check(task)


def test_the_loss_of_a_task_may_be_another():
    assert TaskSettings.of("xor", {**XOR, "loss": "logistic_mse"}, 1).network.loss == "logistic_mse"
    assert TaskSettings.of("xor", XOR, 1).network.loss == "binary_crossentropy"
