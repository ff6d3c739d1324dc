"""BatchNorm, LayerNorm, InstanceNorm, GroupNorm: to mean 0 and variance 1, then to a learned scale and shift.

LocalResponseNorm: strong channels dampen their neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from cnnstudio.engine.arrays import Array, shape_text
from cnnstudio.engine.errors import LayerError
from cnnstudio.engine.kernels import image_moments, memory, neighbours
from cnnstudio.engine.kernels.moments import STEADY, Moments, alignment, by_channel, merge, moments
from cnnstudio.engine.kernels.parallel import split_images
from cnnstudio.engine.layers.base import Gradients, Layer, Mode, Saved, Surveyor, map_size


class BatchNorm(Surveyor):
    """y = (x - mean) / sqrt(variance + eps) * weight + bias, channel by channel, for vectors and for maps.

    In training mean and variance are the batch's, over images and pixels; in evaluation they are the running
    statistics, into which each training batch enters with weight `momentum`. The biased variance normalizes, the
    unbiased one is stored. (Ioffe and Szegedy, "Batch Normalization", 2015.)
    """

    gives_away = True

    def __init__(
        self,
        channels: int,
        *,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = True,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        self.channels, self.eps, self.momentum = channels, eps, momentum
        if affine:
            self.parameters = {"weight": np.ones(channels, dtype), "bias": np.zeros(channels, dtype)}
        self.buffers = {"running_mean": np.zeros(channels, dtype), "running_var": np.ones(channels, dtype)}

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        if mode.training:
            return self.forward_agreed(x, self.agree([self.survey(x)]))
        self._check(x)
        return self.forward_agreed(x, self._evened(self.buffers["running_mean"], self.buffers["running_var"]))

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        _, evened = saved
        gradients, agreed = self.agree_gradient([self.survey_gradient(d_output, saved)], evened)
        return (self.backward_agreed(d_output, saved, agreed) if input_gradient else None,), gradients

    def survey(self, x: Array) -> Moments:
        self._check(x)
        return moments(x.reshape(-1, self.channels))

    def agree(self, surveys: Sequence[Moments]) -> _Evened:
        """Mean and spread of the batch; the running statistics move towards them."""
        together = merge(surveys)
        count, mean, variance = together.count, together.mean, together.squares / together.count
        if count < 2:
            raise LayerError(
                "BatchNorm needs more than one value per channel in training; use a batch of at least 2 images."
            )
        momentum = self.momentum
        unbiased = variance * (count / (count - 1))
        # New arrays instead of changed ones: an evaluation that runs meanwhile keeps the ones it began with.
        self.buffers["running_mean"] = (1 - momentum) * self.buffers["running_mean"] + momentum * mean
        self.buffers["running_var"] = (1 - momentum) * self.buffers["running_var"] + momentum * unbiased
        return self._evened(mean, variance, count)

    def forward_agreed(self, x: Array, agreed: _Evened) -> tuple[Array, Saved]:
        flat = x.reshape(-1, self.channels)
        if not agreed.steady:
            centred = memory.empty_like(flat)
            by_channel(_shifted, centred, (flat,), (agreed.mean,))
            flat, agreed = centred, replace(agreed, mean=np.zeros_like(agreed.mean))
        y = memory.empty_like(flat)
        scale = self._scale(agreed)
        shift = -agreed.mean * scale
        if self.parameters:
            shift += self.parameters["bias"]
        by_channel(_line, y, (flat,), (scale, shift))
        return y.reshape(x.shape), (flat, agreed)

    def survey_gradient(self, d_output: Array, saved: Saved) -> Array:
        """Sums (2, C): of the gradient, and of the gradient times what it meets, x without its mean."""
        flat, evened = saved
        sums = alignment(d_output.reshape(flat.shape), flat)
        sums[1] -= evened.mean * sums[0]
        return sums

    def agree_gradient(self, surveys: Sequence[Array], agreed: _Evened) -> tuple[dict[str, Array], _Slopes]:
        total, aligned = np.sum(surveys, axis=0)
        aligned *= agreed.spread
        gradients = {"weight": aligned, "bias": total} if self.parameters else {}
        scale = self._scale(agreed)
        if agreed.count == 0:
            return gradients, _Slopes(scale)
        # In training x also moves the batch's mean and variance, which takes away what d_output has in common
        # with a constant and with x itself; the running statistics of evaluation do not move.
        level, slope = total / agreed.count, aligned * agreed.spread / agreed.count
        return gradients, _Slopes(scale, -scale * level, -scale * slope)

    def backward_agreed(self, d_output: Array, saved: Saved, agreed: _Slopes) -> Array:
        flat, evened = saved
        d_x = memory.empty_like(flat)
        d_flat = d_output.reshape(flat.shape)
        if agreed.level is None or agreed.slope is None:
            by_channel(_scaled, d_x, (d_flat,), (agreed.scale,))
        else:
            level = agreed.level - agreed.slope * evened.mean
            by_channel(_chain, d_x, (d_flat, flat), (agreed.scale, agreed.slope, level))
        return d_x.reshape(d_output.shape)

    def _scale(self, evened: _Evened) -> Array:
        return evened.spread * self.parameters["weight"] if self.parameters else evened.spread

    def _evened(self, mean: Array, variance: Array, count: int = 0) -> _Evened:
        steady = bool((np.square(mean) <= STEADY * variance).all())
        return _Evened(count, mean, 1 / np.sqrt(variance + self.eps), steady)

    def _check(self, x: Array) -> None:
        if x.shape[-1] != self.channels:
            arrived = shape_text((x.shape[-1], *x.shape[1:-1]))
            raise LayerError(f"BatchNorm was made for {self.channels} channels; {arrived} arrived.")


@dataclass(frozen=True, slots=True)
class _Evened:
    """What a batch is evened out with: its mean, and spread = 1 / sqrt(variance + eps), each (C,).

    count: values a channel that they were taken of; 0 where they are the running ones.
    steady: no mean is so large beside its spread that digits are lost where it is taken away last.
    """

    count: int
    mean: Array
    spread: Array
    steady: bool


@dataclass(frozen=True, slots=True)
class _Slopes:
    """What a batch's gradient is made of, each (C,): scale d_y + slope (x - mean) + level."""

    scale: Array
    level: Array | None = None
    slope: Array | None = None


def _shifted(y: Array, x: Array, mean: Array) -> None:
    np.subtract(x, mean, out=y)


def _scaled(d_x: Array, d_y: Array, scale: Array) -> None:
    np.multiply(d_y, scale, out=d_x)


def _line(y: Array, x: Array, scale: Array, shift: Array) -> None:
    np.multiply(x, scale, out=y)
    y += shift


def _chain(d_x: Array, d_y: Array, x: Array, scale: Array, slope: Array, level: Array) -> None:
    np.multiply(x, slope, out=d_x)
    d_x += level
    scaled = memory.empty_like(d_y)
    d_x += np.multiply(d_y, scale, out=scaled)


class ImageNorm(Layer):
    """Base of what normalizes each image by itself: y = (x - mean) / sqrt(variance + eps) * weight + bias.

    Mean and biased variance are taken over all pixels of `groups` equal groups of channels, in training and in
    evaluation alike. Vectors (N, F) are maps of one pixel.
    """

    gives_away = True

    def __init__(
        self, channels: int, groups: int, shape: tuple[int, ...] | None, eps: float, dtype: npt.DTypeLike
    ) -> None:
        """shape: of weight and bias, channels last; None for none. Raises LayerError when groups do not divide."""
        super().__init__()
        if channels % groups:
            raise LayerError(f"{groups} groups must divide the channels; {channels} come in.")
        self.channels, self.groups, self.eps = channels, groups, eps
        if shape is not None:
            self.parameters = {"weight": np.ones(shape, dtype), "bias": np.zeros(shape, dtype)}

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        self._check(x)
        flat = x.reshape(len(x), -1, self.channels)
        y, mean, spread = image_moments.normalize(flat, self.groups, self.eps, *self._affine())
        return y.reshape(x.shape), (flat, mean, spread)

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        flat, mean, spread = saved
        scale, _ = self._affine()
        d_flat = d_output.reshape(flat.shape)
        d_x, d_scale, d_shift = image_moments.normalize_gradient(d_flat, flat, mean, spread, self.groups, scale)
        gradients = {}
        if self.parameters:
            shape = self.parameters["weight"].shape
            gradients = {"weight": d_scale.reshape(shape), "bias": d_shift.reshape(shape)}
        return (d_x.reshape(d_output.shape),), gradients

    def _affine(self) -> tuple[Array | None, Array | None]:
        """weight and bias as (pixels or 1, channels)."""
        if not self.parameters:
            return None, None
        weight, bias = (self.parameters[name].reshape(-1, self.channels) for name in ("weight", "bias"))
        return weight, bias

    def _check(self, x: Array) -> None:
        if x.shape[-1] != self.channels:
            arrived = shape_text((x.shape[-1], *x.shape[1:-1]))
            raise LayerError(f"{type(self).__name__} was made for {self.channels} channels; {arrived} arrived.")


class LayerNorm(ImageNorm):
    """Over all values of an image; weight and bias are one for each value, as in PyTorch with that normalized_shape.

    (Ba, Kiros and Hinton, "Layer Normalization", 2016.)
    """

    def __init__(
        self, shape: tuple[int, ...], *, eps: float = 1e-5, affine: bool = True, dtype: npt.DTypeLike = np.float32
    ) -> None:
        """shape: (channels, height, width) or (features,) of what comes in."""
        self.shape = (*shape[1:], shape[0])
        super().__init__(shape[0], 1, self.shape if affine else None, eps, dtype)

    def to_torch(self, name: str, array: Array) -> Array:
        return np.moveaxis(array, -1, 0)

    def from_torch(self, name: str, array: Array) -> Array:
        return np.moveaxis(array, 0, -1)

    def _check(self, x: Array) -> None:
        if x.shape[1:] != self.shape:
            made, arrived = (shape_text((shape[-1], *shape[:-1])) for shape in (self.shape, x.shape[1:]))
            raise LayerError(f"LayerNorm was made for {made}; {arrived} arrived.")


class InstanceNorm(ImageNorm):
    """Over the pixels of each map. (Ulyanov, Vedaldi and Lempitsky, "Instance Normalization", 2016.)"""

    def __init__(
        self, channels: int, *, eps: float = 1e-5, affine: bool = False, dtype: npt.DTypeLike = np.float32
    ) -> None:
        super().__init__(channels, channels, (channels,) if affine else None, eps, dtype)

    def _check(self, x: Array) -> None:
        super()._check(x)
        if x.ndim != 4 or x.shape[1:3] == (1, 1):
            arrived = shape_text((x.shape[-1], *x.shape[1:-1]))
            raise LayerError(f"InstanceNorm needs maps of more than one pixel; {arrived} arrived.")


class GroupNorm(ImageNorm):
    """Over the pixels of each group of neighbouring channels. (Wu and He, "Group Normalization", 2018.)"""

    def __init__(
        self,
        num_groups: int,
        channels: int,
        *,
        eps: float = 1e-5,
        affine: bool = True,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        super().__init__(channels, num_groups, (channels,) if affine else None, eps, dtype)


class LocalResponseNorm(Layer):
    """y = x / (k + alpha / size · Σ x²)^beta; the sum runs over `size` neighbouring channels of the same pixel.

    Channel c hears c - size // 2 to c + (size - 1) // 2, those that exist. PyTorch divides alpha by size, as here;
    the source does not. (Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural
    Networks", 2012.)
    """

    def __init__(self, size: int, *, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        map_size("LocalResponseNorm", x)
        flat = x.reshape(-1, x.shape[3])
        y, base = memory.empty_like(flat), np.empty_like(flat)

        def dampen(rows: slice) -> None:
            base[rows] = self.k + self.alpha / self.size * neighbours.sums(flat[rows] ** 2, *self._reach)
            np.multiply(flat[rows], base[rows] ** -self.beta, out=y[rows])

        split_images(dampen, flat)
        return y.reshape(x.shape), (flat, base)

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        flat, base = saved
        d_flat = d_output.reshape(flat.shape)
        d_x = memory.empty_like(flat)
        before, after = self._reach

        def chain(rows: slice) -> None:
            direct = d_flat[rows] * base[rows] ** -self.beta
            # A channel also moves the sums of those that hear it, which are as far off as those that it hears.
            heard = neighbours.sums(direct * flat[rows] / base[rows], after, before)
            heard *= flat[rows]
            heard *= 2 * self.alpha * self.beta / self.size
            np.subtract(direct, heard, out=d_x[rows])

        split_images(chain, flat)
        return (d_x.reshape(d_output.shape),), {}

    @property
    def _reach(self) -> tuple[int, int]:
        """How many channels before and behind itself a channel hears."""
        return self.size // 2, (self.size - 1) // 2
