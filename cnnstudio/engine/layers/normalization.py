"""BatchNorm: brings every channel to mean 0 and variance 1 over the batch, then to a learned scale and shift."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cnnstudio.engine.arrays import Array, shape_text
from cnnstudio.engine.errors import LayerError
from cnnstudio.engine.kernels.moments import column_sums, in_blocks, mean_and_variance
from cnnstudio.engine.layers.base import Gradients, Layer, Mode, Saved


class BatchNorm(Layer):
    """y = (x - mean) / sqrt(variance + eps) * weight + bias, channel by channel, for vectors and for maps.

    In training mean and variance are the batch's, over images and pixels; in evaluation they are the running
    statistics, into which each training batch enters with weight `momentum`. The biased variance normalizes, the
    unbiased one is stored. (Ioffe and Szegedy, "Batch Normalization", 2015.)
    """

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
        if x.shape[-1] != self.channels:
            arrived = shape_text((x.shape[-1], *x.shape[1:-1]))
            raise LayerError(f"BatchNorm was made for {self.channels} channels; {arrived} arrived.")
        flat = x.reshape(-1, self.channels)
        if mode.training:
            mean, variance = self._batch_statistics(flat)
        else:
            mean, variance = self.buffers["running_mean"], self.buffers["running_var"]
        spread = 1 / np.sqrt(variance + self.eps)
        scale = spread * self.parameters["weight"] if self.parameters else spread
        shift = self.parameters["bias"] if self.parameters else None
        y = np.empty_like(flat)

        def normalize(rows: slice) -> None:
            np.subtract(flat[rows], mean, out=y[rows])
            y[rows] *= scale
            if shift is not None:
                y[rows] += shift

        in_blocks(normalize, flat)
        return y.reshape(x.shape), (flat, mean, spread, mode.training)

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        flat, mean, spread, training = saved
        d_flat = d_output.reshape(flat.shape)

        def terms(rows: slice) -> tuple[Array, Array]:
            aligned = flat[rows] - mean
            aligned *= d_flat[rows]
            return d_flat[rows], aligned

        total, aligned_total = column_sums(d_flat, terms, 2)
        aligned_total *= spread
        gradients = {"weight": aligned_total, "bias": total} if self.parameters else {}
        if not input_gradient:
            return (None,), gradients
        scale = spread * self.parameters["weight"] if self.parameters else spread
        d_x = np.empty_like(flat)
        # In training x also moves the batch's mean and variance, which takes away what d_output has in common
        # with a constant and with x itself; the running statistics of evaluation do not move.
        level = total / len(flat)
        slope = aligned_total * spread / len(flat)

        def chain(rows: slice) -> None:
            part = d_x[rows]
            if training:
                np.subtract(flat[rows], mean, out=part)
                part *= slope
                part += level
                np.subtract(d_flat[rows], part, out=part)
                part *= scale
            else:
                np.multiply(d_flat[rows], scale, out=part)

        in_blocks(chain, flat)
        return (d_x.reshape(d_output.shape),), gradients

    def _batch_statistics(self, flat: Array) -> tuple[Array, Array]:
        """Mean and biased variance of the batch; the running statistics move towards them."""
        count = len(flat)
        if count < 2:
            raise LayerError(
                "BatchNorm needs more than one value per channel in training; use a batch of at least 2 images."
            )
        mean, variance = mean_and_variance(flat)
        momentum = self.momentum
        unbiased = variance * (count / (count - 1))
        # New arrays instead of changed ones: an evaluation that runs meanwhile keeps the ones it began with.
        self.buffers["running_mean"] = (1 - momentum) * self.buffers["running_mean"] + momentum * mean
        self.buffers["running_var"] = (1 - momentum) * self.buffers["running_var"] + momentum * unbiased
        return mean, variance
