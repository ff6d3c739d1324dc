"""Settings to begin with, and what another optimizer changes of them."""

from __future__ import annotations

from cnnstudio.engine import OPTIMIZERS, TrainingConfig
from cnnstudio.session.recipes import USUAL_RATES, recommended_config, with_optimizer


def test_every_optimizer_has_a_usual_rate() -> None:
    assert tuple(sorted(USUAL_RATES)) == tuple(sorted(OPTIMIZERS))
    assert recommended_config(1000).learning_rate == USUAL_RATES["sgd"] == 0.02
    assert TrainingConfig().learning_rate == USUAL_RATES[TrainingConfig().optimizer]


def test_another_optimizer_takes_its_usual_rate_in_place_of_the_former_ones() -> None:
    own = recommended_config(1000)
    for optimizer, rate in USUAL_RATES.items():
        changed = with_optimizer(own, optimizer)
        assert (changed.optimizer, changed.learning_rate) == (optimizer, rate)
        assert with_optimizer(changed, "sgd") == own


def test_a_rate_of_the_users_own_stays() -> None:
    assert with_optimizer(TrainingConfig(learning_rate=0.3), "sgd").learning_rate == 0.3
    assert with_optimizer(TrainingConfig(learning_rate=0.02), "adam").learning_rate == 0.02, "it was adam before"


def test_nesterovs_step_goes_only_where_it_cannot_stand() -> None:
    assert not with_optimizer(TrainingConfig(momentum=0.0, nesterov=True), "sgd").nesterov
    assert with_optimizer(TrainingConfig(momentum=0.5, nesterov=True), "sgd").nesterov
    assert with_optimizer(TrainingConfig(momentum=0.0, nesterov=True), "rmsprop").nesterov
