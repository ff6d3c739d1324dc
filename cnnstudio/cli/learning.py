"""How `cnnstudio train` is told how to learn: its options, and the TrainingConfig and initializer they make."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cnnstudio.cli.parsing import Fault, listed, whole_number
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
    "label_smoothing": ("loss", ("cross_entropy",)),
    "class_weights": ("loss", ("cross_entropy",)),
    "step_epochs": ("schedule", ("step",)),
    "gamma": ("schedule", ("step", "exponential", "plateau")),
    "patience": ("schedule", ("plateau",)),
}
"""Options that mean something only with certain others."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    run = parser.add_argument_group("training", "Without them: the project's own, or what suits the amount of data.")
    run.add_argument("--epochs", type=whole_number(1), metavar="N", help="how often every picture is seen")
    run.add_argument("--batch-size", type=whole_number(1), metavar="N", help="pictures in one step")
    run.add_argument("--optimizer", choices=OPTIMIZERS)
    run.add_argument("--learning-rate", type=float, metavar="RATE", help="size of the steps")
    run.add_argument("--momentum", type=float, metavar="M", help="of sgd")
    run.add_argument("--nesterov", action="store_true", default=None, help="Nesterov's momentum, with sgd")
    run.add_argument("--loss", choices=LOSSES)
    run.add_argument("--label-smoothing", type=float, metavar="SHARE", help="of cross_entropy: spread over all classes")
    run.add_argument("--class-weights", type=_numbers, metavar="W,W,...", help="of cross_entropy: one for each class")
    run.add_argument("--seed", type=whole_number(0), metavar="N", help="of weights, splits and order (default: 0)")
    run.add_argument("--reset", action="store_true", help="forget a project's weights and begin with fresh ones")
    run.add_argument(
        "--init",
        type=_initializer,
        metavar="NAME[=VALUE]",
        help=f"what fresh weights are drawn from: {listed(INITIALIZERS)}; normal=STD and constant=VALUE too",
    )

    rate = parser.add_argument_group("learning rate over time")
    rate.add_argument("--schedule", choices=SCHEDULES)
    rate.add_argument("--warmup", type=whole_number(0), metavar="N", help="climb to the full rate in N iterations")
    rate.add_argument("--step-epochs", type=whole_number(1), metavar="N", help="of step: epochs between falls")
    rate.add_argument("--gamma", type=float, metavar="FACTOR", help="of step, exponential and plateau: of each fall")
    rate.add_argument("--patience", type=whole_number(0), metavar="N", help="of plateau: epochs it bears")

    bounds = parser.add_argument_group("regularization")
    bounds.add_argument("--weight-decay", type=float, metavar="L2", help="L2 penalty; decoupled with adamw")
    bounds.add_argument("--l1", type=float, metavar="L1", help="L1 penalty; with --weight-decay an elastic net")
    bounds.add_argument("--max-norm", type=float, metavar="LENGTH", help="bound on each unit's weights; 0: none")
    bounds.add_argument("--clip-norm", type=float, metavar="NORM", help="bound on the gradient's norm; 0: none")
    bounds.add_argument("--clip-value", type=float, metavar="VALUE", help="bound on each derivative; 0: none")

    layers = parser.add_argument_group("single layers", "Each may be given several times.")
    layers.add_argument("--freeze", action="append", metavar="LAYER", help="the layer does not learn")
    layers.add_argument(
        "--layer-rate",
        action="append",
        type=_layer_rate,
        metavar="LAYER=FACTOR",
        help="the layer learns at so many times the learning rate",
    )


def configured(own: TrainingConfig, options: argparse.Namespace) -> TrainingConfig:
    """`own` with what the options say. Raises Fault for what cannot be, or makes no sense together."""
    given: dict[str, Any] = {name: getattr(options, name) for name in (*_SETTINGS, *_OR_NONE)}
    changes = {name: value for name, value in given.items() if value is not None}
    for name in _OR_NONE:
        if changes.get(name) == 0:
            changes[name] = None
    try:
        config = replace(own, **changes, layers=_layers(own, options))
    except ConfigError as error:
        raise Fault(str(error)) from None
    for name, (field, values) in _BELONGS.items():
        if name in changes and getattr(config, field) not in values:
            raise Fault(
                f"--{name.replace('_', '-')} goes with --{field} {listed(values)}; "
                f"the {field} is {getattr(config, field)}."
            )
    return config


def _layers(own: TrainingConfig, options: argparse.Namespace) -> dict[str, LayerSettings]:
    layers = dict(own.layers)
    for name in options.freeze or ():
        layers[name] = replace(layers.get(name, LayerSettings()), frozen=True)
    for name, factor in options.layer_rate or ():
        layers[name] = replace(layers.get(name, LayerSettings()), learning_rate_factor=factor)
    return layers


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of numbers such as 1,2,0.5") from None


def _layer_rate(text: str) -> tuple[str, float]:
    name, equals, factor = text.rpartition("=")
    try:
        if name and equals:
            return name, float(factor)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is no layer with a factor, such as conv2d_1=0.1")


def _initializer(text: str) -> Initializer:
    if text in INITIALIZERS:
        return INITIALIZERS[text]
    name, _, value = text.partition("=")
    makers = {"normal": Normal, "constant": Constant}
    try:
        if name in makers and math.isfinite(float(value)):
            return makers[name](float(value))
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is none of {listed(INITIALIZERS)}, normal=STD or constant=VALUE")
