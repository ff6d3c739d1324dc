"""Training settings to begin with."""

from __future__ import annotations

from cnnstudio.engine import TrainingConfig

_SMALL = 20_000
_STEPS = 800


def recommended_config(images: int) -> TrainingConfig:
    """Settings for about so many training pictures: SGD with momentum, whose last epochs waver less than Adam's.

    Small sets get small batches, for more steps an epoch, and as many epochs as make about 800 steps, 5 to 30.
    """
    batch_size = 32 if images < _SMALL else 64
    steps = max(1, images // batch_size)
    epochs = min(30, max(5, round(_STEPS / steps)))
    return TrainingConfig(epochs, batch_size, optimizer="sgd", learning_rate=0.02, momentum=0.9)
