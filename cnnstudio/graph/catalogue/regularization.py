"""Layers that only act in training, to keep a network from learning by heart."""

from __future__ import annotations

from cnnstudio.graph.specs import Family, LayerSpec, ParamSpec, ParamType, unchanged

DROPOUT = LayerSpec(
    kind="Dropout",
    family=Family.REGULARIZATION,
    help="silences values at random",
    params=(
        ParamSpec(
            "p",
            ParamType.REAL,
            "Probability",
            "Probability to drop a value in training; the kept ones are divided by 1 − p.",
            default=0.5,
            minimum=0,
            maximum=1,
            below_maximum=True,
        ),
    ),
    output_shape=unchanged,
    summary=lambda params: f"p {params['p']:g}",
    formula="y = x / (1 − p) or 0 in training, x in evaluation",
)

KINDS = (DROPOUT,)
