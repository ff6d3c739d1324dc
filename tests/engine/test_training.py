"""Training: its events, that they repeat bit for bit, how it is steered, and how it fails."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from types import SimpleNamespace

import numpy as np
import pytest

from cnnstudio.engine import (
    LOSSES,
    OPTIMIZERS,
    ConfigError,
    EpochDone,
    Evaluating,
    InputError,
    IterationDone,
    LayerSettings,
    Network,
    NetworkNode,
    RunDone,
    RunFailed,
    RunStarted,
    TrainingConfig,
    TrainingControl,
    train,
)
from cnnstudio.engine.kernels import parallel
from cnnstudio.engine.layers import BatchNorm, Flatten, Identity, Input, Linear, ReLU
from cnnstudio.engine.learner import update_ratio

CONFIG = TrainingConfig(epochs=2, batch_size=32, learning_rate=0.01)


def picture_of(split: SimpleNamespace, count: int) -> SimpleNamespace:
    return SimpleNamespace(images=split.images[:count], labels=split.labels[:count])


# Events


def test_events_tell_the_run_in_order(small_network, stripes):
    events = list(train(small_network(), stripes, CONFIG))
    epoch = [IterationDone] * 3 + [Evaluating, EpochDone]
    assert [type(event) for event in events] == [
        RunStarted,
        *epoch,
        *epoch,
        Evaluating,
        Evaluating,
        Evaluating,
        RunDone,
    ]
    assert events[0] == RunStarted(iterations_per_epoch=3, epochs=2, train_images=90, validation_images=20)
    steps = [event for event in events if isinstance(event, IterationDone)]
    assert [(step.iteration, step.epoch) for step in steps] == [(1, 1), (2, 1), (3, 1), (4, 2), (5, 2), (6, 2)]
    assert {step.learning_rate for step in steps} == {0.01}
    epochs = [event for event in events if isinstance(event, EpochDone)]
    assert [(each.epoch, each.iteration) for each in epochs] == [(1, 3), (2, 6)]
    assert epochs[0].training_loss == pytest.approx(np.mean([step.loss for step in steps[:3]]))
    assert epochs[0].training_accuracy == pytest.approx(np.mean([step.accuracy for step in steps[:3]]))
    tests = [event for event in events if isinstance(event, Evaluating) and event.split == "test"]
    assert [(each.done, each.total) for each in tests] == [(64, 130), (128, 130), (130, 130)]
    assert (events[-1].epochs, events[-1].iterations) == (2, 6)


def test_figures_of_an_evaluation_are_those_of_the_network(small_network, stripes):
    net = small_network()
    *_, done = train(net, stripes, CONFIG)
    scores = net.predict(stripes.test.images)
    assert done.test_accuracy == np.mean(scores.argmax(axis=1) == stripes.test.labels)
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    assert done.test_loss == pytest.approx(-logs[np.arange(130), stripes.test.labels].mean(), rel=1e-5)


def test_what_can_be_learned_is_learned(small_network, stripes):
    *_, done = train(small_network(), stripes, replace(CONFIG, epochs=10))
    assert done.test_accuracy > 0.95


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("loss", LOSSES)
def test_every_optimizer_lowers_every_loss(small_network, stripes, optimizer, loss):
    config = replace(CONFIG, epochs=4, optimizer=optimizer, loss=loss, nesterov=True, weight_decay=1e-4)
    epochs = [event for event in train(small_network(p=0.0), stripes, config) if isinstance(event, EpochDone)]
    assert epochs[-1].validation_loss < epochs[0].training_loss


def test_empty_splits_have_no_figures(small_network, stripes):
    data = SimpleNamespace(
        train=stripes.train,
        validation=picture_of(stripes.validation, 0),
        test=picture_of(stripes.test, 0),
        classes=stripes.classes,
    )
    events = list(train(small_network(), data, replace(CONFIG, epochs=1)))
    assert not [event for event in events if isinstance(event, Evaluating)]
    assert events[-2].validation_loss is None
    assert events[-2].validation_accuracy is None
    assert events[-1] == RunDone(1, 3, None, None)


def test_every_picture_is_seen_once_an_epoch(make_chain, stripes):
    net, seen = make_chain(("image", Input((2, 6, 6))), ("flat", Flatten()), ("s", linear(72, 3))), []
    run = net.run_loss
    net.run_loss = lambda images, *rest: seen.append(images) or run(images, *rest)
    config = replace(CONFIG, epochs=2, batch_size=40)
    assert sum(isinstance(event, IterationDone) for event in train(net, stripes, config)) == 6
    for epoch in (seen[:3], seen[3:]):
        assert [len(batch) for batch in epoch] == [40, 40, 10]
        shown = np.concatenate(epoch).reshape(90, -1)
        assert np.array_equal(np.unique(shown, axis=0), np.unique(stripes.train.images.reshape(90, -1), axis=0))
    assert not np.array_equal(seen[0], seen[3]), "each epoch has an order of its own"


def test_a_single_leftover_picture_is_skipped_since_it_has_no_statistics(small_network, stripes):
    events = list(train(small_network(), stripes, replace(CONFIG, epochs=1, batch_size=89)))
    assert events[0].iterations_per_epoch == 1
    assert sum(isinstance(event, IterationDone) for event in events) == 1


def test_events_are_frozen(small_network, stripes):
    event = next(train(small_network(), stripes, CONFIG))
    with pytest.raises(FrozenInstanceError):
        event.epochs = 7


# Repeating


def test_same_seed_same_events_bit_for_bit(small_network, stripes):
    runs = [list(train(small_network(), stripes, CONFIG)) for _ in range(2)]
    assert runs[0] == runs[1]


def test_same_seed_same_weights_bit_for_bit(small_network, stripes):
    nets = [small_network(), small_network()]
    for net in nets:
        list(train(net, stripes, CONFIG))
    one, other = (net.state_dict() for net in nets)
    assert all(np.array_equal(one[key], other[key]) for key in one)


def test_a_run_with_every_setting_repeats_bit_for_bit(small_network, stripes):
    config = replace(
        CONFIG,
        epochs=3,
        optimizer="rmsprop",
        label_smoothing=0.1,
        class_weights=(1, 2, 3),
        schedule="plateau",
        patience=0,
        warmup=2,
        clip_norm=1,
        l1=1e-3,
        max_norm=1,
        layers={"conv": LayerSettings(0.5), "conv2": LayerSettings(frozen=True)},
    )
    control = TrainingControl(measure_updates=True)
    runs = [list(train(small_network(), stripes, config, control)) for _ in range(2)]
    assert runs[0] == runs[1]
    assert isinstance(runs[0][-1], RunDone)
    assert runs[0][1].update_ratios.keys() == {"conv", "norm", "scores"}


def test_another_seed_is_another_run(small_network, stripes):
    one, other = (list(train(small_network(), stripes, replace(CONFIG, seed=seed))) for seed in (0, 1))
    assert one != other


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_runs_repeat_with_any_number_of_threads(small_network, stripes, monkeypatch, workers):
    monkeypatch.setattr(parallel, "worker_count", lambda: workers)
    monkeypatch.setattr(parallel, "SMALL", 64)  # so that even these small arrays are shared
    runs = [list(train(small_network(), stripes, CONFIG)) for _ in range(2)]
    assert runs[0] == runs[1]


# Steering


def test_nothing_happens_until_events_are_asked_for(small_network, stripes):
    net = small_network()
    before = net.array("conv.weight")
    events = train(net, stripes, CONFIG)
    assert isinstance(next(events), RunStarted)
    assert np.array_equal(net.array("conv.weight"), before)
    next(events)
    assert not np.array_equal(net.array("conv.weight"), before)
    stopped = net.array("conv.weight")
    events.close()
    assert np.array_equal(net.array("conv.weight"), stopped)


@pytest.mark.parametrize("layers", [1, 5, 9])
def test_a_run_can_be_called_off_in_the_middle_of_a_batch(small_network, stripes, layers):
    class Impatient(TrainingControl):
        """Calls the run off at the so-manyth layer of the second batch, forward or backward."""

        left = 1_000_000

        def checkpoint(self) -> None:
            self.left -= 1
            if self.left == 0:
                self.interrupt()
            super().checkpoint()

    net, control = small_network(), Impatient()
    events = train(net, stripes, CONFIG, control)
    next(events), next(events)
    before = {key: array.copy() for key, array in net.parameters.items()}
    control.left = layers
    assert list(events) == []
    assert control.left <= 0
    assert control.left > -4, "no thread goes on to a further layer"
    assert all(np.array_equal(array, before[key]) for key, array in net.parameters.items())


def test_learning_rate_changes_while_it_runs(small_network, stripes):
    control = TrainingControl()
    rates = []
    for event in train(small_network(), stripes, CONFIG, control):
        if isinstance(event, IterationDone):
            rates.append(event.learning_rate)
            control.learning_rate = {2: 0.001, 4: None}.get(event.iteration, control.learning_rate)
    assert rates == [0.01, 0.01, 0.001, 0.001, 0.01, 0.01]


@pytest.mark.parametrize("rate", [0, -1.0, float("nan"), float("inf"), "fast", True])
def test_a_learning_rate_that_is_none_is_refused(rate):
    control = TrainingControl()
    with pytest.raises(ConfigError, match=r"learning_rate is .*; it takes a number above 0"):
        control.learning_rate = rate
    assert control.learning_rate is None


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"epochs": 0}, "epochs is 0; it takes a whole number of at least 1"),
        ({"epochs": 2.0}, "epochs is 2.0"),
        ({"epochs": True}, "epochs is True"),
        ({"batch_size": -3}, "batch_size is -3"),
        ({"seed": -1}, "seed is -1; it takes a whole number of at least 0"),
        ({"optimizer": "adamax"}, "optimizer is 'adamax'; it takes one of: sgd, adagrad, rmsprop, adam, adamw"),
        ({"loss": "hinge"}, "loss is 'hinge'; it takes one of: cross_entropy, svm, mse"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0; it takes a number above 0"),
        ({"momentum": 1.0}, "momentum is 1.0; it takes a number from 0 to below 1"),
        ({"weight_decay": -0.1}, "weight_decay is -0.1; it takes a number of at least 0"),
        ({"optimizer": "sgd", "nesterov": True, "momentum": 0.0}, "needs a momentum above 0"),
        ({"nesterov": "yes"}, "nesterov is 'yes'; it takes true or false"),
        ({"label_smoothing": 1.0}, "label_smoothing is 1.0; it takes a number from 0 to below 1"),
        ({"class_weights": (1.0, 0.0)}, "it takes one number above 0 for each class"),
        ({"class_weights": 3}, "class_weights is 3; it takes one number above 0 for each class"),
        ({"schedule": "spiral"}, "schedule is 'spiral'; it takes one of: constant, step, exponential, cosine"),
        ({"warmup": -1}, "warmup is -1; it takes a whole number of at least 0"),
        ({"warmup": 5, "schedule": "one_cycle"}, "The one-cycle schedule climbs by itself"),
        ({"step_epochs": 0}, "step_epochs is 0; it takes a whole number of at least 1"),
        ({"gamma": 1.0}, "gamma is 1.0; it takes a number between 0 and 1"),
        ({"patience": 0.5}, "patience is 0.5; it takes a whole number of at least 0"),
        ({"clip_norm": 0.0}, "clip_norm is 0.0; it takes a number above 0"),
        ({"clip_value": float("inf")}, "clip_value is inf; it takes a number above 0"),
        ({"l1": float("nan")}, "l1 is nan; it takes a number of at least 0"),
        ({"max_norm": -3}, "max_norm is -3; it takes a number above 0"),
        ({"layers": ["conv"]}, "it takes {name of a layer: LayerSettings}"),
        ({"layers": {"conv": {"frozen": True}}}, "it takes LayerSettings"),
    ],
)
def test_settings_out_of_range_are_refused(setting, message):
    with pytest.raises(ConfigError, match=message):
        TrainingConfig(**setting)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"learning_rate_factor": -1}, "learning_rate_factor is -1; it takes a number of at least 0"),
        ({"frozen": 1}, "frozen is 1; it takes true or false"),
        ({"l2": "much"}, "l2 is 'much'; it takes a number of at least 0"),
        ({"max_norm": 0}, "max_norm is 0; it takes a number above 0"),
    ],
)
def test_settings_of_a_layer_out_of_range_are_refused(setting, message):
    with pytest.raises(ConfigError, match=message):
        LayerSettings(**setting)


def test_a_configuration_keeps_its_own_copy_of_the_layers():
    given = {"conv": LayerSettings(frozen=True)}
    config = TrainingConfig(layers=given)
    given.clear()
    assert config.layers == {"conv": LayerSettings(frozen=True)}
    assert hash(config) == hash(TrainingConfig(layers=config.layers))


# Schedules


def learning_rates(net: Network, data: SimpleNamespace, config: TrainingConfig, **control: float) -> list[float]:
    events = train(net, data, config, TrainingControl(**control))
    return [event.learning_rate for event in events if isinstance(event, IterationDone)]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"schedule": "step", "step_epochs": 1, "gamma": 0.5}, [8, 8, 8, 4, 4, 4, 2, 2, 2]),
        ({"schedule": "step", "step_epochs": 2}, [8, 8, 8, 8, 8, 8, 0.8, 0.8, 0.8]),
        ({"schedule": "exponential", "gamma": 0.75}, [8, 8, 8, 6, 6, 6, 4.5, 4.5, 4.5]),
        ({"warmup": 3}, [2, 4, 6, 8, 8, 8, 8, 8, 8]),
        ({"warmup": 3, "schedule": "step", "step_epochs": 1}, [2, 4, 6, 8, 8, 8, 0.8, 0.8, 0.8]),
        ({"schedule": "cosine"}, [4 * (1 + np.cos(np.pi * t / 9)) for t in range(9)]),
        ({"schedule": "cosine", "warmup": 1}, [4, *(4 * (1 + np.cos(np.pi * t / 8)) for t in range(8))]),
    ],
    ids=["step", "every second epoch", "exponential", "warm-up", "warm-up and step", "cosine", "warm-up and cosine"],
)
def test_the_learning_rate_goes_by_its_schedule(small_network, stripes, settings, expected):
    config = replace(CONFIG, epochs=3, learning_rate=0.008, **settings)
    np.testing.assert_allclose(learning_rates(small_network(), stripes, config), np.array(expected) / 1000, rtol=1e-12)


def test_one_cycle_spans_the_run(small_network, stripes):
    rates = learning_rates(small_network(), stripes, replace(CONFIG, epochs=10, schedule="one_cycle"))
    assert rates[0] == pytest.approx(0.01 / 25)
    assert max(rates) == rates[8] == pytest.approx(0.01)  # 0.3 × 30 iterations, counted from 0
    assert rates[-1] == pytest.approx(0.01 / 25 / 1e4)


@pytest.mark.parametrize(
    ("watched", "expected"),
    [("validation", [0.01, 0.01, 0.005, 0.0025]), ("training", [0.01, 0.01, 0.01, 0.01])],
)
def test_a_plateau_is_watched_on_the_validation_loss_where_there_is_one(make_chain, stripes, watched, expected):
    """The validation pictures bear wrong labels: the better the network learns, the worse it does on them."""
    wrong = SimpleNamespace(images=stripes.validation.images, labels=(stripes.validation.labels + 1) % 3)
    data = data_with(stripes, validation=wrong if watched == "validation" else picture_of(wrong, 0))
    net = make_chain(("image", Input((2, 6, 6))), ("flat", Flatten()), ("scores", linear(72, 3)))
    config = replace(CONFIG, epochs=4, optimizer="sgd", momentum=0.0, schedule="plateau", patience=0, gamma=0.5)
    assert learning_rates(net, data, config)[::3] == expected


def test_a_users_rate_outdoes_the_schedule(small_network, stripes):
    config = replace(CONFIG, schedule="cosine", warmup=2)
    assert set(learning_rates(small_network(), stripes, config, learning_rate=0.5)) == {0.5}


# Layers of their own


def test_a_frozen_layer_does_not_change_and_others_do(small_network, stripes):
    net = small_network()
    before = net.state_dict()
    layers = {name: LayerSettings(frozen=True) for name in ("conv", "norm")}
    events = list(train(net, stripes, replace(CONFIG, layers=layers, max_norm=0.01, weight_decay=0.1)))
    assert isinstance(events[-1], RunDone)
    after = net.state_dict()
    for key, array in after.items():
        assert np.array_equal(array, before[key]) == key.startswith(("conv.", "norm.")), key
    assert {"norm.running_mean", "conv.bias"} <= after.keys()


def test_frozen_first_layers_cost_no_backward_pass(make_chain, stripes):
    """The poison would spoil every gradient that came by."""
    net = make_chain(
        ("image", Input((2, 6, 6))),
        ("flat", Flatten()),
        ("hidden", linear(72, 8)),
        ("poison", Poison(backward=np.nan)),
        ("scores", linear(8, 3)),
    )
    config = replace(CONFIG, layers={"hidden": LayerSettings(frozen=True)})
    assert isinstance(list(train(net, stripes, config))[-1], RunDone)


def test_frozen_layers_between_others_let_gradients_through(small_network, stripes):
    """As fixed numbers would: the first layer's gradient is that of the whole network."""
    config = replace(CONFIG, epochs=1, batch_size=90, optimizer="sgd", learning_rate=1.0, momentum=0.0)
    config = replace(config, layers={"conv2": LayerSettings(frozen=True), "scores": LayerSettings(frozen=True)})
    net, whole = small_network(p=0.0), small_network(p=0.0)
    list(train(net, stripes, config))
    _, gradients = whole.loss_and_gradients(stripes.train.images, stripes.train.labels)
    np.testing.assert_allclose(
        net.array("conv.weight"), whole.array("conv.weight") - gradients["conv.weight"], atol=1e-6
    )


def test_layers_learn_at_rates_of_their_own(small_network, stripes):
    config = replace(CONFIG, epochs=1, batch_size=90, optimizer="sgd", learning_rate=0.1, momentum=0.0)
    plain, net = small_network(p=0.0), small_network(p=0.0)
    before = net.state_dict()
    list(train(plain, stripes, config))
    factors = {"conv": LayerSettings(learning_rate_factor=0.5), "scores": LayerSettings(learning_rate_factor=0)}
    list(train(net, stripes, replace(config, layers=factors)))
    whole, half = (each.array("conv.weight") - before["conv.weight"] for each in (plain, net))
    np.testing.assert_allclose(half, whole / 2, atol=1e-7)
    assert np.array_equal(net.array("scores.weight"), before["scores.weight"])
    assert np.array_equal(net.array("conv2.weight"), plain.array("conv2.weight"))


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ({"conv9": LayerSettings()}, "settings for a layer 'conv9', but none has that name; .* are conv, conv2, norm"),
        ({"relu": LayerSettings()}, "settings for relu, which has nothing to learn"),
        (
            {name: LayerSettings(frozen=True) for name in ("conv", "norm", "conv2", "scores")},
            "Every layer .* is frozen",
        ),
    ],
)
def test_settings_of_layers_that_do_not_fit_are_refused(small_network, stripes, layers, message):
    with pytest.raises(InputError, match=message):
        train(small_network(), stripes, replace(CONFIG, layers=layers))


# What a loss and a step are made of


def test_class_weights_that_are_too_few_are_refused(small_network, stripes):
    with pytest.raises(InputError, match="There are 2 class weights for the network's 3 outputs"):
        train(small_network(), stripes, replace(CONFIG, class_weights=(1, 2)))


def test_a_weighted_test_loss_is_the_weighted_mean_over_all_pictures(small_network, stripes):
    """Not the mean of the chunks' means."""
    net, config = small_network(), replace(CONFIG, class_weights=(0.1, 1, 10), label_smoothing=0.1)
    *_, done = train(net, stripes, config)
    loss, _ = net.evaluate(stripes.test.images, stripes.test.labels, config.make_loss())
    assert done.test_loss == pytest.approx(loss, rel=1e-6)


def test_reported_losses_are_without_penalties(small_network, stripes):
    one = replace(CONFIG, epochs=1, batch_size=90)
    plain, penalized = (
        [event.loss for event in train(small_network(), stripes, config) if isinstance(event, IterationDone)]
        for config in (one, replace(one, l1=5.0, weight_decay=5.0))
    )
    assert plain == penalized


def test_gradients_are_clipped_before_the_step(small_network, stripes):
    config = replace(CONFIG, epochs=1, batch_size=90, optimizer="sgd", learning_rate=1.0, momentum=0.0)
    for settings, measure in (
        ({"clip_norm": 0.01}, lambda moved: np.sqrt(sum(np.square(each).sum() for each in moved))),
        ({"clip_value": 0.002}, lambda moved: max(np.abs(each).max() for each in moved)),
    ):
        net = small_network(dtype="float64")
        before = {key: array.copy() for key, array in net.parameters.items()}
        list(train(net, stripes, replace(config, **settings)))
        moved = [array - before[key] for key, array in net.parameters.items()]
        assert measure(moved) == pytest.approx(next(iter(settings.values())), rel=1e-3)


def test_update_ratios_are_told_when_asked_for(small_network, stripes):
    config = replace(CONFIG, epochs=1, batch_size=90)
    net, control = small_network(), TrainingControl(measure_updates=True)
    before = net.state_dict()
    (step,) = (event for event in train(net, stripes, config, control) if isinstance(event, IterationDone))
    after = net.state_dict()
    assert set(step.update_ratios) == {"conv", "norm", "conv2", "scores"}
    for name, ratio in step.update_ratios.items():
        old, new = (state[f"{name}.weight"] for state in (before, after))
        assert ratio == pytest.approx(np.linalg.norm(new - old) / np.linalg.norm(old), rel=1e-6)
    (step,) = (event for event in train(net, stripes, config) if isinstance(event, IterationDone))
    assert step.update_ratios is None


def test_what_moves_away_from_nothing_has_an_infinite_ratio():
    nothing = np.zeros(3)
    assert update_ratio(nothing, np.ones(3)) == np.inf
    assert update_ratio(nothing, nothing) == 0
    assert update_ratio(np.array([3.0, 4.0]), np.array([3.0, 4.005])) == pytest.approx(1e-3)


# Data that does not fit


def data_with(stripes: SimpleNamespace, **changes: object) -> SimpleNamespace:
    return SimpleNamespace(**{**vars(stripes), **changes})


def test_settings_take_the_numbers_of_numpy():
    given = TrainingConfig(
        epochs=np.int64(2), batch_size=np.int32(30), learning_rate=np.float32(0.5), momentum=0, seed=np.uint8(3)
    )
    assert given == TrainingConfig(2, 30, learning_rate=0.5, momentum=0.0, seed=3)
    assert {type(getattr(given, name)) for name in ("epochs", "batch_size", "seed")} == {int}
    assert {type(getattr(given, name)) for name in ("learning_rate", "momentum", "weight_decay")} == {float}


def test_data_that_does_not_fit_is_refused_before_anything_happens(small_network, stripes):
    grey = SimpleNamespace(images=stripes.test.images[:, :1], labels=stripes.test.labels)
    wrong = SimpleNamespace(images=stripes.train.images, labels=stripes.train.labels + 1)
    for data, message in (
        (data_with(stripes, train=picture_of(stripes.train, 0)), "There are no training pictures"),
        (data_with(stripes, test=grey), "takes pictures of 2 × 6 × 6; the test pictures are 1 × 6 × 6"),
        (data_with(stripes, classes=("a", "b")), "has 3 outputs, but the data has 2 classes"),
        (data_with(stripes, train=wrong), "labels go from 0 to 2; they go from 1 to 3"),
    ):
        with pytest.raises(InputError, match=message):
            train(small_network(), data, CONFIG)


def test_a_network_without_weights_is_refused(make_chain, stripes):
    net = make_chain(("image", Input((2, 6, 6))), ("flat", Flatten()))
    with pytest.raises(InputError, match="nothing to learn"):
        train(net, stripes, CONFIG)


# Failing


def linear(inside: int, outside: int) -> Linear:
    return Linear(inside, outside, generator=np.random.default_rng(0))


class Poison(Identity):
    """Gives, or hands back as gradient, a value that is not finite."""

    def __init__(self, forward: float = 1.0, backward: float = 1.0) -> None:
        super().__init__()
        self.factors = forward, backward

    def forward(self, inputs, mode):
        return inputs[0] * np.float32(self.factors[0]), None

    def backward(self, d_output, saved, *, input_gradient=True):
        return (d_output * np.float32(self.factors[1]),), {}


def poisoned(make_chain, poison: Poison):
    return make_chain(
        ("image", Input((2, 6, 6))),
        ("flat", Flatten()),
        ("hidden", linear(72, 8)),
        ("relu", ReLU()),
        ("poison", poison),
        ("scores", linear(8, 3)),
    )


def test_an_activation_that_is_not_finite_ends_the_run_at_its_layer(make_chain, stripes):
    *before, last = train(poisoned(make_chain, Poison(forward=np.nan)), stripes, CONFIG)
    assert [type(event) for event in before] == [RunStarted]
    assert isinstance(last, RunFailed)
    assert (last.iteration, last.epoch, last.node, last.name, last.what) == (1, 1, "poison", "poison", "activation")
    assert "the first value to go was in the output of poison" in last.message


def test_a_gradient_that_is_not_finite_is_found_where_it_arose(make_chain, stripes):
    """The weights it ruins all come out at once, one step later; the gradient says which was first."""
    *_, last = train(poisoned(make_chain, Poison(backward=np.inf)), stripes, CONFIG)
    assert isinstance(last, RunFailed)
    assert (last.iteration, last.node, last.what) == (2, "hidden", "gradient of weight")


def test_a_fault_behind_a_frozen_layer_is_named(make_chain, stripes):
    frozen = replace(CONFIG, layers={"hidden": LayerSettings(frozen=True)}, clip_norm=1.0)
    *_, last = train(poisoned(make_chain, Poison(forward=np.nan)), stripes, frozen)
    assert (last.node, last.what) == ("poison", "activation")
    *_, last = train(poisoned(make_chain, Poison(backward=np.inf)), stripes, replace(CONFIG, clip_norm=1.0))
    assert (last.node, last.what) == ("hidden", "gradient of weight"), "clipping does not spread what is not finite"


def test_a_learning_rate_far_too_large_ends_in_a_plain_event(small_network, stripes):
    config = replace(CONFIG, optimizer="sgd", learning_rate=1e30, loss="mse")
    *_, last = train(small_network(), stripes, config)
    assert isinstance(last, RunFailed)
    assert "Try a smaller learning rate" in last.message


@pytest.mark.parametrize("empty", [(), ("validation",)], ids=["validation", "test"])
def test_what_the_last_step_spoils_ends_the_run_in_the_evaluation(small_network, stripes, empty):
    """No batch follows that would show it."""
    data = data_with(
        stripes,
        **{name: SimpleNamespace(images=stripes.test.images[:0], labels=stripes.test.labels[:0]) for name in empty},
    )
    config = replace(CONFIG, epochs=1, batch_size=90, optimizer="sgd", learning_rate=1e38)
    *before, last = train(small_network(), data, config)
    assert sum(isinstance(event, IterationDone) for event in before) == 1
    assert isinstance(last, RunFailed)
    assert (last.iteration, last.epoch) == (1, 1)


def test_weights_that_are_not_finite_are_named(make_chain, stripes):
    net = poisoned(make_chain, Poison())
    net.load_state_dict({"scores.bias": [0, np.nan, 0]}, strict=False)
    *_, last = train(net, stripes, CONFIG)
    assert (last.node, last.what) == ("scores", "bias")


def test_a_loss_that_overflows_by_itself_is_named(make_chain, stripes):
    net = make_chain(("image", Input((2, 6, 6))), ("flat", Flatten()), ("scores", linear(72, 3)))
    net.load_state_dict({"scores.bias": [3e38, 0, 0]}, strict=False)
    *_, last = train(net, stripes, replace(CONFIG, loss="mse"))
    assert isinstance(last, RunFailed)
    assert last.node == "scores"


def test_finding_the_fault_leaves_the_running_statistics_alone(make_chain, stripes):
    net = make_chain(
        ("image", Input((2, 6, 6))),
        ("flat", Flatten()),
        ("norm", BatchNorm(72)),
        ("poison", Poison(forward=np.nan)),
        ("scores", linear(72, 3)),
    )
    once = net.snapshot()
    *_, last = train(net, stripes, CONFIG)
    assert last.node == "poison"
    order = np.random.default_rng(np.random.SeedSequence(0).spawn(2)[0]).permutation(90)[:32]
    once.loss_and_gradients(stripes.train.images[order], stripes.train.labels[order])
    assert np.array_equal(net.array("norm.running_mean"), once.array("norm.running_mean"))


def test_a_branch_that_the_loss_does_not_see_is_not_blamed(stripes):
    nodes = [
        NetworkNode("image", "image", Input((2, 6, 6))),
        NetworkNode("side", "side", Poison(forward=np.nan), ("image",)),
        NetworkNode("flat", "flat", Flatten(), ("image",)),
        NetworkNode("hidden", "hidden", linear(72, 3), ("flat",)),
        NetworkNode("scores", "scores", Poison(forward=np.inf), ("hidden",)),
    ]
    *_, last = train(Network(nodes, "scores"), stripes, CONFIG)
    assert last.node == "scores"
