"""How a network is to be trained, and what may change while it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cnnstudio.engine import schedules
from cnnstudio.engine.checks import above_zero, at_least, is_number, one_of, share, truth, whole
from cnnstudio.engine.errors import ConfigError, Interrupted
from cnnstudio.engine.losses import LOSS_FUNCTIONS, CrossEntropy, Loss
from cnnstudio.engine.optimizers import SGD, AdaGrad, Adam, AdamW, Optimizer, RMSprop
from cnnstudio.engine.schedules import SCHEDULES, Schedule

OPTIMIZERS = ("sgd", "adagrad", "rmsprop", "adam", "adamw")
LOSSES = tuple(LOSS_FUNCTIONS)


@dataclass(frozen=True, slots=True)
class LayerSettings:
    """What is different for one layer.

    Attributes:
        learning_rate_factor: the layer learns at so many times the run's rate.
        frozen: nothing of the layer changes, not even running statistics: it works as in evaluation. (PyTorch would
            let BatchNorm's statistics move; Keras would not.)
        l1, l2, max_norm: in place of the run's l1, weight_decay and max_norm; None: those. A 0 turns a penalty off.

    Raises ConfigError on creation when a setting is out of range.
    """

    learning_rate_factor: float = 1.0
    frozen: bool = False
    l1: float | None = None
    l2: float | None = None
    max_norm: float | None = None

    def __post_init__(self) -> None:
        _take(self, "learning_rate_factor", at_least("learning_rate_factor", self.learning_rate_factor))
        truth("frozen", self.frozen)
        for name in ("l1", "l2"):
            if getattr(self, name) is not None:
                _take(self, name, at_least(name, getattr(self, name)))
        if self.max_norm is not None:
            _take(self, "max_norm", above_zero("max_norm", self.max_norm))


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """The settings of a training run.

    Attributes:
        epochs: how often every training picture is seen.
        batch_size: pictures in one step.
        optimizer: one of OPTIMIZERS.
        learning_rate: step size, the highest of its schedule; TrainingControl may change it on the way.
        momentum, nesterov: of SGD; the others ignore them.
        weight_decay: L2 penalty as PyTorch counts it, decoupled for AdamW.
        loss: one of LOSSES.
        seed: of the order of the pictures and of dropout.
        label_smoothing, class_weights: of cross_entropy; the others ignore them. See `losses.CrossEntropy`.
        schedule: one of SCHEDULES: how the learning rate goes on. "cosine" and "one_cycle" span the whole run.
        warmup: iterations of linear climb before the schedule begins; "one_cycle" brings its own.
        step_epochs: of "step": epochs from one fall to the next.
        gamma: what the rate is multiplied with: by "step" and "plateau" (None: 0.1) at each fall, by "exponential"
            (None: 0.95) at each epoch's end.
        patience: of "plateau": epochs without a better validation loss that it bears.
        clip_norm: gradients are scaled down together to this norm; None: never. As PyTorch's clip_grad_norm_.
        clip_value: each derivative is brought to within ± this first; None: never.
        l1: L1 penalty on every learned number; with weight_decay, an elastic net.
        max_norm: no unit's weight vector is longer than this after a step; None: any length.
        layers: settings of single layers, by name.

    A reported loss never includes the penalties, as with PyTorch's weight_decay; they act within the optimizer's
    step, after the clipping.

    Raises ConfigError on creation when a setting is unknown or out of range.
    """

    epochs: int = 5
    batch_size: int = 64
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    momentum: float = 0.9
    nesterov: bool = False
    weight_decay: float = 0.0
    loss: str = "cross_entropy"
    seed: int = 0
    label_smoothing: float = 0.0
    class_weights: tuple[float, ...] | None = None
    schedule: str = "constant"
    warmup: int = 0
    step_epochs: int = 10
    gamma: float | None = None
    patience: int = 10
    clip_norm: float | None = None
    clip_value: float | None = None
    l1: float = 0.0
    max_norm: float | None = None
    layers: Mapping[str, LayerSettings] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Numbers of NumPy and others become Python's own, which files can hold."""
        for name, least in (("epochs", 1), ("batch_size", 1), ("seed", 0)):
            _take(self, name, whole(name, getattr(self, name), least))
        for name, least in (("warmup", 0), ("step_epochs", 1), ("patience", 0)):
            _take(self, name, whole(name, getattr(self, name), least))
        one_of("optimizer", self.optimizer, OPTIMIZERS)
        one_of("loss", self.loss, LOSSES)
        one_of("schedule", self.schedule, SCHEDULES)
        truth("nesterov", self.nesterov)
        _take(self, "learning_rate", above_zero("learning_rate", self.learning_rate))
        _take(self, "momentum", share("momentum", self.momentum))
        for name in ("weight_decay", "l1"):
            _take(self, name, at_least(name, getattr(self, name)))
        for name in ("clip_norm", "clip_value", "max_norm"):
            if getattr(self, name) is not None:
                _take(self, name, above_zero(name, getattr(self, name)))
        if self.gamma is not None:
            if not (is_number(self.gamma) and 0 < self.gamma < 1):
                raise ConfigError(f"gamma is {self.gamma!r}; it takes a number between 0 and 1.")
            _take(self, "gamma", float(self.gamma))
        loss = CrossEntropy(self.label_smoothing, self.class_weights)
        _take(self, "label_smoothing", loss.label_smoothing)
        _take(self, "class_weights", loss.class_weights)
        _take(self, "layers", _checked_layers(self.layers))
        if self.nesterov and self.optimizer == "sgd" and self.momentum == 0:
            raise ConfigError("Nesterov's step needs a momentum above 0.")
        if self.warmup and self.schedule == "one_cycle":
            raise ConfigError("The one-cycle schedule climbs by itself; a warmup of 0 goes with it.")

    def make_loss(self) -> Loss:
        if self.loss == "cross_entropy":
            return CrossEntropy(self.label_smoothing, self.class_weights)
        return LOSS_FUNCTIONS[self.loss]

    def make_optimizer(self) -> Optimizer:
        decay, l1 = self.weight_decay, self.l1
        match self.optimizer:
            case "sgd":
                return SGD(self.momentum, nesterov=self.nesterov, weight_decay=decay, l1=l1)
            case "adagrad":
                return AdaGrad(weight_decay=decay, l1=l1)
            case "rmsprop":
                return RMSprop(weight_decay=decay, l1=l1)
            case "adam":
                return Adam(weight_decay=decay, l1=l1)
            case _:
                return AdamW(weight_decay=decay, l1=l1)

    def make_schedule(self, iterations_per_epoch: int) -> Schedule:
        """The learning rates of one run of this configuration, by iteration from 0."""
        rate, length = self.learning_rate, max(1, self.epochs * iterations_per_epoch - self.warmup)
        gamma = self.gamma if self.gamma is not None else 0.95 if self.schedule == "exponential" else 0.1
        schedule: Schedule
        match self.schedule:
            case "step":
                schedule = schedules.ByEpoch(schedules.Step(rate, self.step_epochs, gamma), iterations_per_epoch)
            case "exponential":
                schedule = schedules.ByEpoch(schedules.Exponential(rate, gamma), iterations_per_epoch)
            case "cosine":
                schedule = schedules.Cosine(rate, length)
            case "one_cycle":
                schedule = schedules.OneCycle(rate, length)
            case "plateau":
                schedule = schedules.Plateau(rate, gamma, self.patience)
            case _:
                schedule = schedules.Constant(rate)
        return schedules.Warmup(self.warmup, schedule) if self.warmup else schedule


def _checked_layers(layers: object) -> dict[str, LayerSettings]:
    if not isinstance(layers, Mapping) or not all(isinstance(each, str) for each in layers):
        raise ConfigError(f"layers is {layers!r}; it takes {{name of a layer: LayerSettings}}.")
    for name, settings in layers.items():
        if not isinstance(settings, LayerSettings):
            raise ConfigError(f"layers[{name!r}] is {settings!r}; it takes LayerSettings.")
    return dict(layers)


def _take(settings: TrainingConfig | LayerSettings, name: str, value: object) -> None:
    object.__setattr__(settings, name, value)


class TrainingControl:
    """What another thread may change while training runs; it is read at every iteration.

    Attributes:
        measure_updates: whether IterationDone is to tell how far each layer's weight moved beside its size.
    """

    def __init__(self, learning_rate: float | None = None, *, measure_updates: bool = False) -> None:
        self.learning_rate = learning_rate
        self.measure_updates = measure_updates
        self._interrupted = False

    def interrupt(self) -> None:
        """Call the run off before its next layer, also in the middle of a batch; no further event comes."""
        self._interrupted = True

    def checkpoint(self) -> None:
        """Raises Interrupted once `interrupt` has been called."""
        if self._interrupted:
            raise Interrupted

    @property
    def learning_rate(self) -> float | None:
        """None: as configured. Setting it raises ConfigError unless it is a number above 0; it outdoes the schedule."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float | None) -> None:
        # One reference is replaced: a reader sees the old value or the new one, never a mixture.
        self._learning_rate = None if value is None else above_zero("learning_rate", value)
