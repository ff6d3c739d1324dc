"""How `cnnstudio train` is told how to learn: its options, and the TrainingConfig and initializer they make."""

from __future__ import annotations

import argparse
import math
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from cnnstudio.cli.parsing import Fault, counted, listed, number, whole_number
from cnnstudio.engine import (
    INITIALIZERS,
    LOSSES,
    OPTIMIZERS,
    SCHEDULES,
    ConfigError,
    LayerSettings,
    TrainingConfig,
)
from cnnstudio.engine.initializers import Constant, Initializer, Normal
from cnnstudio.session.recipes import USUAL_RATES

_SETTINGS = (
    "epochs",
    "batch_size",
    "optimizer",
    "learning_rate",
    "momentum",
    "nesterov",
    "weight_decay",
    "loss",
    "seed",
    "label_smoothing",
    "class_weights",
    "schedule",
    "warmup",
    "step_epochs",
    "gamma",
    "patience",
    "l1",
)
_OR_NONE = ("clip_norm", "clip_value", "max_norm")
"""Settings that 0 turns off."""

_BELONGS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "momentum": ("optimizer", ("sgd",)),
    "nesterov": ("optimizer", ("sgd",)),
    "label_smoothing": ("loss", ("cross_entropy",)),
    "class_weights": ("loss", ("cross_entropy",)),
    "step_epochs": ("schedule", ("step",)),
    "gamma": ("schedule", ("step", "exponential", "plateau")),
    "patience": ("schedule", ("plateau",)),
}
"""Options that mean something only with certain others."""

_ABOVE_ZERO = number("above 0", lambda value: value > 0)
_AT_LEAST_ZERO = number("of at least 0", lambda value: value >= 0)
_OR_NO_BOUND = number("of at least 0 (0: no bound)", lambda value: value >= 0)
_SHARE = number("from 0 to below 1", lambda value: 0 <= value < 1)
_FACTOR = number("between 0 and 1", lambda value: 0 < value < 1)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    run = parser.add_argument_group(
        "training", "What is left out is the project's own; with a preset, the default, or what suits the data."
    )
    run.add_argument(
        "--epochs", type=whole_number(1), metavar="N", help="how often every picture is seen (a preset: 5 to 30)"
    )
    run.add_argument(
        "--batch-size", type=whole_number(1), metavar="N", help="pictures in one step (a preset: 32; 64 with many)"
    )
    run.add_argument(
        "--optimizer",
        choices=OPTIMIZERS,
        help="how a gradient becomes a step. sgd (default): along it, with momentum; adagrad, rmsprop: each number's "
        "step divided by the size of its gradients so far, or lately; adam: rmsprop with momentum; adamw: adam whose "
        "weight decay acts apart from the gradient",
    )
    run.add_argument(
        "--learning-rate",
        type=_ABOVE_ZERO,
        metavar="RATE",
        help=f"size of the steps (default: {_usual_rates()}; a project's own goes with its own optimizer)",
    )
    run.add_argument(
        "--momentum",
        type=_SHARE,
        metavar="M",
        help="of sgd: share of the last step that goes on, below 1 (default: 0.9)",
    )
    run.add_argument(
        "--nesterov",
        action=argparse.BooleanOptionalAction,
        help="of sgd: look ahead along the momentum, as Nesterov does (default: no)",
    )
    run.add_argument(
        "--loss",
        choices=LOSSES,
        help="what training makes small. cross_entropy (default): surprise at the right class; svm: classes that score "
        "within 1 of the right one, or above it; mse: squared distance from 1 for the right class, 0 for the others",
    )
    run.add_argument(
        "--label-smoothing",
        type=_SHARE,
        metavar="SHARE",
        help="of cross_entropy: share of each target that is spread over all classes, below 1 (default: 0)",
    )
    run.add_argument(
        "--class-weights",
        type=_numbers,
        metavar="W,W,...",
        help="of cross_entropy: how much each class counts, a number above 0 for each in order (default: all alike)",
    )
    run.add_argument(
        "--seed",
        type=whole_number(0),
        metavar="N",
        help="of fresh weights, splits and the pictures' order (default: 0)",
    )
    run.add_argument(
        "--reset", action="store_true", help="forget a project's weights and begin with fresh ones; its settings stay"
    )
    run.add_argument(
        "--init",
        type=_initializer,
        metavar="NAME[=VALUE]",
        help=f"what fresh weights are drawn from: {listed(INITIALIZERS)}. default: PyTorch's; xavier and kaiming: by "
        "how many values a layer takes in, for tanh and for ReLU; zeros and constant: all units alike, which never "
        "come to differ; normal=STD and constant=VALUE choose the number",
    )

    rate = parser.add_argument_group("learning rate over time")
    rate.add_argument(
        "--schedule",
        choices=SCHEDULES,
        help="constant (default); step: falls every few epochs; exponential: falls a little each epoch; cosine: down "
        "to 0 along half a cosine over the run; one_cycle: up first, then down to almost 0; plateau: falls when the "
        "validation loss no longer does",
    )
    rate.add_argument(
        "--warmup",
        type=whole_number(0),
        metavar="N",
        help="climb to the full rate in the first N iterations, which are batches, not epochs (default: 0)",
    )
    rate.add_argument(
        "--step-epochs", type=whole_number(1), metavar="N", help="of step: epochs between falls (default: 10)"
    )
    rate.add_argument(
        "--gamma",
        type=_FACTOR,
        metavar="FACTOR",
        help="what a fall multiplies the rate with, between 0 and 1 (default: 0.1 with step and plateau, 0.95 with "
        "exponential)",
    )
    rate.add_argument(
        "--patience",
        type=whole_number(0),
        metavar="N",
        help="of plateau: epochs without a better loss before the rate falls (default: 10)",
    )

    bounds = parser.add_argument_group("regularization", "All are off unless asked for; 0 turns a project's own off.")
    bounds.add_argument(
        "--weight-decay",
        type=_AT_LEAST_ZERO,
        metavar="L2",
        help="pull on every weight towards 0, in proportion to it (L2); 0.0001 is common",
    )
    bounds.add_argument(
        "--l1",
        type=_AT_LEAST_ZERO,
        metavar="L1",
        help="pull of the same strength on every weight, which brings many to 0; with --weight-decay an elastic net",
    )
    bounds.add_argument(
        "--max-norm", type=_OR_NO_BOUND, metavar="LENGTH", help="longest that a unit's vector of weights may be"
    )
    bounds.add_argument(
        "--clip-norm",
        type=_OR_NO_BOUND,
        metavar="NORM",
        help="longest that the whole gradient may be; a longer one is scaled down",
    )
    bounds.add_argument(
        "--clip-value", type=_OR_NO_BOUND, metavar="VALUE", help="largest that each derivative may be, up or down"
    )

    layers = parser.add_argument_group("single layers", "By name; each option may be given several times.")
    layers.add_argument(
        "--freeze", action="append", metavar="LAYER", help="the layer does not learn; a project remembers it"
    )
    layers.add_argument("--unfreeze", action="append", metavar="LAYER", help="a frozen layer learns again")
    layers.add_argument(
        "--layer-rate",
        action="append",
        type=_layer_rate,
        metavar="LAYER=FACTOR",
        help="the layer learns at so many times the learning rate; 1: as the others again",
    )


def configured(own: TrainingConfig, options: argparse.Namespace, names: Collection[str] = ()) -> TrainingConfig:
    """`own` with what the options say; `names`: of the network's layers.

    Without --learning-rate, an optimizer that is not the own one takes its usual rate.

    Raises Fault for what cannot be, makes no sense together, or would do nothing.
    """
    given: dict[str, Any] = {name: getattr(options, name) for name in (*_SETTINGS, *_OR_NONE)}
    changes = {name: value for name, value in given.items() if value is not None}
    for name in _OR_NONE:
        if changes.get(name) == 0:
            changes[name] = None
    optimizer = changes.get("optimizer", own.optimizer)
    if optimizer != own.optimizer:
        changes.setdefault("learning_rate", USUAL_RATES[optimizer])
    nesterov, momentum = changes.get("nesterov", own.nesterov), changes.get("momentum", own.momentum)
    if optimizer == "sgd" and nesterov and momentum == 0:
        raise Fault("Nesterov's step needs a --momentum above 0; --no-nesterov goes without it.")
    try:
        config = replace(own, **changes, layers=_layers(own, options, names))
    except ConfigError as error:
        raise Fault(str(error)) from None
    for name in changes:
        if changes[name] is not False and not _matters(config, name):
            field, values = _BELONGS[name]
            raise Fault(
                f"{_option(name)} goes with --{field} {listed(values)}; the {field} is {getattr(config, field)}."
            )
    return config


def check_length(config: TrainingConfig, options: argparse.Namespace, images: int) -> str | None:
    """A warning where the project's own warm-up is longer than the run; Fault where it was asked for."""
    length = config.epochs * -(-images // config.batch_size)
    if config.warmup <= length:
        return None
    sentence = f"The warm-up takes {config.warmup} iterations, and the whole run has {length}"
    if options.warmup is not None:
        raise Fault(f"{sentence}; give --warmup fewer or --epochs more.")
    return f"Warning: {sentence[0].lower()}{sentence[1:]}; --warmup N changes it."


def check_classes(config: TrainingConfig, classes: int) -> None:
    """Raises Fault unless there is a weight for each class."""
    weights = config.class_weights
    if weights is not None and _matters(config, "class_weights") and len(weights) != classes:
        raise Fault(
            f"--class-weights has {counted(len(weights), 'number')}, and the data has {classes} classes: "
            "it takes one for each."
        )


def idle_line(config: TrainingConfig) -> str | None:
    """A warning that names settings, inherited from a project, which do nothing as things are."""
    usual = TrainingConfig()
    idle = [
        f"{_option(name)} (goes with --{field} {listed(values)})"
        for name, (field, values) in _BELONGS.items()
        if getattr(config, name) != getattr(usual, name) and not _matters(config, name)
    ]
    return f"Warning: of the project's settings these do nothing now: {'; '.join(idle)}" if idle else None


def extras_line(config: TrainingConfig, initializer: Initializer | None) -> str | None:
    """The settings in force that are not the usual ones, but for those of the headline; None: all are."""
    usual = TrainingConfig()
    wordings = {
        "loss": "loss {}",
        "momentum": "momentum {}",
        "nesterov": "Nesterov's step",
        "warmup": "warm-up over {} iterations",
        "step_epochs": "a fall every {} epochs",
        "gamma": "falls by the factor {}",
        "patience": "patience {}",
        "label_smoothing": "labels smoothed by {}",
        "class_weights": "class weights {}",
        "weight_decay": "weight decay {}",
        "l1": "L1 penalty {}",
        "max_norm": "max-norm {}",
        "clip_norm": "norm clipped at {}",
        "clip_value": "derivatives clipped at {}",
    }
    parts = [
        wording.format(_value_text(getattr(config, name)))
        for name, wording in wordings.items()
        if getattr(config, name) != getattr(usual, name) and _matters(config, name)
    ]
    parts += [_layer_text(name, each) for name, each in config.layers.items() if each != LayerSettings()]
    if initializer is not None:
        parts.append(f"weights from {_initializer_text(initializer)}")
    return f"also: {', '.join(parts)}" if parts else None


def _matters(config: TrainingConfig, name: str) -> bool:
    field, values = _BELONGS.get(name, ("", ()))
    return not field or getattr(config, field) in values


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _value_text(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(_value_text(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _layer_text(name: str, settings: LayerSettings) -> str:
    if settings.frozen:
        return f"{name} frozen"
    parts = [f"at {settings.learning_rate_factor:g} times the rate"] if settings.learning_rate_factor != 1 else []
    own = {"weight decay": settings.l2, "L1 penalty": settings.l1, "max-norm": settings.max_norm}
    parts += [f"with {what} {value:g}" for what, value in own.items() if value is not None]
    return f"{name} {' '.join(parts)}"


def _initializer_text(initializer: Initializer) -> str:
    for name, each in INITIALIZERS.items():
        if each == initializer:
            return name
    match initializer:
        case Normal(std):
            return f"normal={std:g}"
        case Constant(value):
            return f"constant={value:g}"
    return type(initializer).__name__


def _usual_rates() -> str:
    """Each rate with the optimizers it is usual for."""
    by_rate: dict[float, list[str]] = {}
    for optimizer, rate in USUAL_RATES.items():
        by_rate.setdefault(rate, []).append(optimizer)
    return "; ".join(f"{rate:g} with {', '.join(names)}" for rate, names in by_rate.items())


def _layers(own: TrainingConfig, options: argparse.Namespace, names: Collection[str]) -> dict[str, LayerSettings]:
    layers = dict(own.layers)
    frozen = [name for name, each in layers.items() if each.frozen]
    for name in options.freeze or ():
        _check_single("--freeze", name, names)
        layers[name] = replace(layers.get(name, LayerSettings()), frozen=True)
    for name in options.unfreeze or ():
        _check_single("--unfreeze", name, names)
        if name in (options.freeze or ()):
            raise Fault(f"--freeze and --unfreeze are both given for {name}.")
        if name not in frozen:
            raise Fault(f"--unfreeze {name}: it is not frozen; frozen: {', '.join(frozen) or 'none'}.")
        layers[name] = replace(layers[name], frozen=False)
    rated = options.layer_rate or ()
    for name, factor in rated:
        if sum(other == name for other, _ in rated) > 1:
            raise Fault(f"--layer-rate is given more than once for {name}.")
        layers[name] = replace(layers.get(name, LayerSettings()), learning_rate_factor=factor)
        if layers[name].frozen and factor != 1:
            raise Fault(
                f"--layer-rate {name}={factor:g} does nothing: {name} is frozen; --unfreeze {name} lets it learn."
            )
    return {name: each for name, each in layers.items() if each != LayerSettings()}


def _check_single(option: str, name: str, names: Collection[str]) -> None:
    if "," in name and name not in names:
        raise Fault(f"{option} {name}: there is no layer of that name; give {option} once for each layer.")


def _numbers(text: str) -> tuple[float, ...]:
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of numbers such as 1,2,0.5") from None
    for each in text.split(","):
        _ABOVE_ZERO(each)
    return numbers


def _layer_rate(text: str) -> tuple[str, float]:
    name, equals, factor = text.rpartition("=")
    try:
        value = float(factor)
    except ValueError:
        equals = ""
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is no layer with a factor, such as conv1=0.1")
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"the factor of {name} is {factor}; it takes a number of at least 0")
    return name, value


def _initializer(text: str) -> Initializer:
    if text in INITIALIZERS:
        return INITIALIZERS[text]
    name, _, value = text.partition("=")
    makers = {"normal": Normal, "constant": Constant}
    try:
        if name in makers:
            return makers[name](float(value))
    except ConfigError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {str(error).rstrip('.')}") from None
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is none of {listed(INITIALIZERS)}, normal=STD or constant=VALUE")
