"""Training settings to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from cnnstudio.engine import TrainingConfig

USUAL_RATES: Mapping[str, float] = MappingProxyType(
    {"sgd": 0.02, "adagrad": 1e-2, "rmsprop": 1e-3, "adam": 1e-3, "adamw": 1e-3}
)
"""Learning rate to begin with, by optimizer; those that divide by the gradients' size take steps as long as it is."""

_SMALL = 20_000
_STEPS = 800


def recommended_config(images: int) -> TrainingConfig:
    """Settings for about so many training pictures: SGD with momentum, whose last epochs waver less than Adam's.

    Small sets get small batches, for more steps an epoch, and as many epochs as make about 800 steps, 5 to 30.
    """
    batch_size = 32 if images < _SMALL else 64
    steps = max(1, images // batch_size)
    epochs = min(30, max(5, round(_STEPS / steps)))
    return TrainingConfig(epochs, batch_size, optimizer="sgd", learning_rate=USUAL_RATES["sgd"], momentum=0.9)


def with_optimizer(config: TrainingConfig, optimizer: str) -> TrainingConfig:
    """`config` with another optimizer.

    A learning rate that is the former optimizer's usual one becomes the new one's; any other stays. Nesterov's step,
    which settings for another optimizer may ask for in vain, goes where SGD would have no momentum to make it of.
    """
    rate = config.learning_rate
    if optimizer != config.optimizer and rate == USUAL_RATES[config.optimizer]:
        rate = USUAL_RATES[optimizer]
    nesterov = config.nesterov and not (optimizer == "sgd" and config.momentum == 0)
    return replace(config, optimizer=optimizer, learning_rate=rate, nesterov=nesterov)
