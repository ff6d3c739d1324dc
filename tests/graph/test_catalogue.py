"""Each layer kind's figures, worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from cnnstudio.graph import CATALOGUE, RankError, ShapeError, UnknownKindError, families, spec_of
from cnnstudio.graph.geometry import Window
from cnnstudio.graph.shapes import Shape
from cnnstudio.graph.specs import Family
from cnnstudio.graph.views import POINTWISE, Step, Uneven, WholeInput


@dataclass(frozen=True)
class Case:
    """A layer with given parameters on given inputs, and all that follows."""

    kind: str
    inputs: tuple[Shape, ...]
    output: Shape
    params: dict[str, object] = field(default_factory=dict)
    weights: dict[str, Shape] = field(default_factory=dict)
    buffers: dict[str, Shape] = field(default_factory=dict)
    macs: int = 0
    step: Step = POINTWISE

    def __str__(self) -> str:
        return f"{self.kind}({', '.join(f'{name}={value}' for name, value in self.params.items())})"


def conv(**params: object) -> dict[str, object]:
    return {"out_channels": 10, "kernel_size": 3, **params}


MAPS = (6, 9, 12)

CASES = [
    Case("Input", (), (3, 32, 32), {"shape": (3, 32, 32)}),
    Case("Input", (), (64,), {"shape": (64,)}),
    # The lecture's exercise: ten 5 × 5 filters, stride 1, pad 2, on 3 × 32 × 32: 760 parameters, 768,000 multiply-adds.
    Case(
        "Conv2d",
        ((3, 32, 32),),
        (10, 32, 32),
        conv(kernel_size=5, padding=2),
        weights={"weight": (10, 3, 5, 5), "bias": (10,)},
        macs=768_000,
        step=(Window(5, 1, 1, 2, 2), Window(5, 1, 1, 2, 2)),
    ),
    Case(
        "Conv2d",
        (MAPS,),
        (10, 4, 10),
        conv(kernel_size=(3, 5), stride=(2, 1), padding=(0, 1), bias=False),
        weights={"weight": (10, 6, 3, 5)},
        macs=4 * 10 * 10 * 6 * 15,
        step=(Window(3, 2, 1, 0, 0), Window(5, 1, 1, 1, 1)),
    ),
    Case(
        "Conv2d",
        (MAPS,),
        (10, 8, 10),
        conv(padding=(1, 0, 0, 0)),
        weights={"weight": (10, 6, 3, 3), "bias": (10,)},
        macs=8 * 10 * 10 * 6 * 9,
        step=(Window(3, 1, 1, 1, 0), Window(3)),
    ),
    Case(
        "Conv2d",
        (MAPS,),
        (10, 9, 12),
        conv(kernel_size=(4, 3), dilation=(1, 2), padding="same"),
        weights={"weight": (10, 6, 4, 3), "bias": (10,)},
        macs=9 * 12 * 10 * 6 * 12,
        step=(Window(4, 1, 1, 1, 2), Window(3, 1, 2, 2, 2)),
    ),
    Case(
        "Conv2d",
        (MAPS,),
        (12, 7, 10),
        conv(out_channels=12, groups=3, padding="valid"),
        weights={"weight": (12, 2, 3, 3), "bias": (12,)},
        macs=7 * 10 * 12 * 2 * 9,
        step=(Window(3), Window(3)),
    ),
    Case(
        "Conv2d",
        (MAPS,),
        (6, 9, 12),
        conv(out_channels=6, groups=6, padding=1, padding_mode="reflect"),
        weights={"weight": (6, 1, 3, 3), "bias": (6,)},
        macs=9 * 12 * 6 * 9,
        step=(Window(3, 1, 1, 1, 1, "reflect"), Window(3, 1, 1, 1, 1, "reflect")),
    ),
    # A decoder's doubling step: every value paints 2 × 2 pixels of its own; multiplied once for each that came in.
    Case(
        "ConvTranspose2d",
        (MAPS,),
        (10, 18, 24),
        conv(kernel_size=2, stride=2),
        weights={"weight": (6, 10, 2, 2), "bias": (10,)},
        macs=9 * 12 * 6 * 10 * 4,
        step=Uneven(
            "It makes 2 × 2 places out of each one that comes in; "
            "what a value sees of them differs from place to place."
        ),
    ),
    Case(
        "ConvTranspose2d",
        (MAPS,),
        (10, 18, 12),
        conv(stride=(2, 1), padding=1, output_padding=(1, 0), bias=False),
        weights={"weight": (6, 10, 3, 3)},
        macs=9 * 12 * 6 * 10 * 9,
        step=Uneven(
            "It makes 2 × 1 places out of each one that comes in; "
            "what a value sees of them differs from place to place."
        ),
    ),
    Case(
        "ConvTranspose2d",
        (MAPS,),
        (10, 11, 10),
        conv(padding=(0, 0, 1, 3)),
        weights={"weight": (6, 10, 3, 3), "bias": (10,)},
        macs=9 * 12 * 6 * 10 * 9,
        step=(Window(3, 1, 1, 2, 2), Window(3, 1, 1, 1, -1)),
    ),
    Case(
        "Linear",
        ((160,),),
        (20,),
        {"out_features": 20},
        weights={"weight": (20, 160), "bias": (20,)},
        macs=3200,
        step=WholeInput(),
    ),
    Case("Linear", ((5,),), (2,), {"out_features": 2, "bias": False}, {"weight": (2, 5)}, macs=10, step=WholeInput()),
    Case("MaxPool2d", (MAPS,), (6, 4, 6), {"kernel_size": 2}, step=(Window(2, 2), Window(2, 2))),
    Case(
        "MaxPool2d",
        (MAPS,),
        (6, 3, 12),
        {"kernel_size": (3, 2), "stride": (2, 1), "padding": (0, 0, 0, 1), "dilation": (2, 1)},
        step=(Window(3, 2, 2), Window(2, 1, 1, 0, 1)),
    ),
    Case("MaxPool2d", (MAPS,), (6, 5, 6), {"kernel_size": 2, "ceil_mode": True}, step=(Window(2, 2), Window(2, 2))),
    Case(
        "AvgPool2d",
        (MAPS,),
        (6, 5, 6),
        {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False},
        step=(Window(3, 2, 1, 1, 1), Window(3, 2, 1, 1, 1)),
    ),
    Case("StochasticPool2d", (MAPS,), (6, 4, 6), {"kernel_size": 2}, step=(Window(2, 2), Window(2, 2))),
    Case(
        "StochasticPool2d",
        (MAPS,),
        (6, 4, 11),
        {"kernel_size": (3, 2), "stride": (2, 1)},
        step=(Window(3, 2), Window(2)),
    ),
    Case("AdaptiveMaxPool2d", (MAPS,), (6, 1, 1), {"output_size": 1}, step=WholeInput()),
    Case("AdaptiveMaxPool2d", (MAPS,), (6, 3, 4), {"output_size": (3, 4)}, step=(Window(3, 3), Window(3, 3))),
    Case("AdaptiveAvgPool2d", (MAPS,), (6, 1, 1), {"output_size": 1}, step=WholeInput()),
    Case("AdaptiveAvgPool2d", (MAPS,), (6, 3, 4), {"output_size": (3, 4)}, step=(Window(3, 3), Window(3, 3))),
    Case("AdaptiveAvgPool2d", (MAPS,), (6, 1, 4), {"output_size": (1, 4)}, step=(Window(9, 9), Window(3, 3))),
    Case(
        "AdaptiveAvgPool2d",
        (MAPS,),
        (6, 5, 5),
        {"output_size": 5},
        step=Uneven("9 × 12 pixels do not divide into 5 × 5 equal windows."),
    ),
    Case(
        "BatchNorm",
        (MAPS,),
        MAPS,
        weights={"weight": (6,), "bias": (6,)},
        buffers={"running_mean": (6,), "running_var": (6,)},
    ),
    Case("BatchNorm", ((20,),), (20,), {"affine": False}, buffers={"running_mean": (20,), "running_var": (20,)}),
    Case("LayerNorm", (MAPS,), MAPS, weights={"weight": MAPS, "bias": MAPS}, step=WholeInput()),
    Case("LayerNorm", ((20,),), (20,), {"affine": False}, step=WholeInput()),
    Case("InstanceNorm", (MAPS,), MAPS, step=WholeInput()),
    Case("InstanceNorm", (MAPS,), MAPS, {"affine": True}, weights={"weight": (6,), "bias": (6,)}, step=WholeInput()),
    Case("GroupNorm", (MAPS,), MAPS, {"num_groups": 3}, weights={"weight": (6,), "bias": (6,)}, step=WholeInput()),
    Case("GroupNorm", ((20,),), (20,), {"num_groups": 1, "affine": False}, step=WholeInput()),
    Case(
        "GroupNorm",
        ((20,),),
        (20,),
        {"num_groups": 5, "affine": False},
        step=Uneven("Each value depends on the features of its own group, and no two groups see the same."),
    ),
    Case("LocalResponseNorm", (MAPS,), MAPS, {"size": 5, "alpha": 5e-4, "k": 2}),
    Case("ReLU", (MAPS,), MAPS),
    Case("LeakyReLU", ((7,),), (7,)),
    Case("PReLU", (MAPS,), MAPS, weights={"weight": (1,)}),
    Case("ELU", ((7,),), (7,), {"alpha": 2}),
    Case("GELU", (MAPS,), MAPS, {"approximate": "tanh"}),
    Case("SiLU", (MAPS,), MAPS),
    Case("Sigmoid", (MAPS,), MAPS),
    Case("Tanh", (MAPS,), MAPS),
    Case("Softmax", (MAPS,), MAPS),
    Case("Softmax", ((10,),), (10,), step=WholeInput()),
    Case("Dropout", (MAPS,), MAPS),
    Case("SpatialDropout", (MAPS,), MAPS),
    Case("DropPath", (MAPS,), MAPS),
    Case("DropPath", ((7,),), (7,), {"p": 0.5}),
    Case("Flatten", (MAPS,), (648,)),
    Case("Flatten", ((5,),), (5,)),
    Case(
        "Pad2d",
        (MAPS,),
        (6, 11, 18),
        {"padding": (1, 3), "mode": "reflect"},
        step=(Window(before=1, after=1, fill="reflect"), Window(before=3, after=3, fill="reflect")),
    ),
    Case("Pad2d", (MAPS,), (6, 10, 17), {"padding": (1, 0, 2, 3)}, step=(Window(before=1), Window(before=2, after=3))),
    Case("Upsample", (MAPS,), MAPS, {"scale_factor": 1}),
    Case(
        "Upsample",
        (MAPS,),
        (6, 18, 36),
        {"scale_factor": (2, 3), "mode": "bilinear"},
        step=Uneven("It makes 2 × 3 places out of each one that comes in; their steps over the picture are not whole."),
    ),
    Case("Add", (MAPS, MAPS, MAPS), MAPS),
    Case("Concat", (MAPS, (1, 9, 12)), (7, 9, 12)),
    Case("Concat", ((3,), (4,), (5,)), (12,)),
    Case("Identity", (MAPS,), MAPS),
]


def test_no_kind_is_left_out() -> None:
    assert {case.kind for case in CASES} == set(CATALOGUE)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_figures(case: Case) -> None:
    spec = spec_of(case.kind)
    params = spec.check(case.params)
    assert spec.output_shape(params, case.inputs) == case.output
    assert spec.weights(params, case.inputs) == case.weights
    assert spec.buffers(params, case.inputs) == case.buffers
    assert spec.macs(params, case.inputs, case.output) == case.macs
    if case.inputs:
        assert spec.step(params, case.inputs[0]) == case.step


@pytest.mark.parametrize(
    ("kind", "params", "inputs", "error", "words"),
    [
        (
            "Conv2d",
            conv(),
            ((64,),),
            RankError,
            "Conv2d takes maps (channels × height × width); a vector of 64 arrived.",
        ),
        (
            "Conv2d",
            conv(kernel_size=7),
            ((1, 5, 9),),
            ShapeError,
            "Conv2d: a window of 7 × 7 does not fit into 5 × 9 pixels (padding included).",
        ),
        (
            "Conv2d",
            conv(dilation=3, padding=(0, 1)),
            ((1, 6, 9),),
            ShapeError,
            "Conv2d: a window of 7 × 7 does not fit into 6 × 11 pixels (padding included).",
        ),
        (
            "Conv2d",
            conv(groups=4),
            ((6, 9, 9),),
            ShapeError,
            "Conv2d: 4 groups must divide the channels; 6 arrived and 10 leave.",
        ),
        ("Conv2d", conv(groups=3), ((6, 9, 9),), ShapeError, "Conv2d: 3 groups must divide the channels;"),
        (
            "Conv2d",
            conv(padding="same", stride=2),
            ((6, 9, 9),),
            ShapeError,
            'Conv2d: padding "same" keeps the size and so needs stride 1; the stride is 2 × 2.',
        ),
        (
            "Conv2d",
            conv(padding=(0, 0, 1, 3), padding_mode="reflect"),
            ((6, 9, 3),),
            ShapeError,
            "Conv2d: reflecting pads by at most 2 of 3 pixels; 3 are asked for.",
        ),
        ("ConvTranspose2d", conv(), ((64,),), RankError, "ConvTranspose2d takes maps"),
        (
            "ConvTranspose2d",
            conv(stride=(2, 1), output_padding=1),
            ((6, 9, 9),),
            ShapeError,
            "ConvTranspose2d: output padding stays below the stride; it is 1 × 1, the stride 2 × 1.",
        ),
        (
            "ConvTranspose2d",
            conv(padding=(2, 0)),
            ((6, 1, 9),),
            ShapeError,
            "ConvTranspose2d: the padding takes away more than there is; -1 × 11 pixels would be left.",
        ),
        ("StochasticPool2d", {"kernel_size": 2}, ((6, 1, 9),), ShapeError, "StochasticPool2d: a window of 2 × 2"),
        ("InstanceNorm", {}, ((6,),), RankError, "InstanceNorm takes maps"),
        (
            "InstanceNorm",
            {},
            ((6, 1, 1),),
            ShapeError,
            "InstanceNorm needs maps of more than one pixel, to have a variance; 6 × 1 × 1 arrived.",
        ),
        (
            "GroupNorm",
            {"num_groups": 4},
            ((6, 9, 9),),
            ShapeError,
            "GroupNorm: 4 groups must divide the channels; 6 arrived.",
        ),
        ("SpatialDropout", {}, ((6,),), RankError, "SpatialDropout takes maps"),
        ("Pad2d", {"padding": 1}, ((6,),), RankError, "Pad2d takes maps"),
        (
            "Pad2d",
            {"padding": (0, 9), "mode": "reflect"},
            ((6, 9, 9),),
            ShapeError,
            "Pad2d: reflecting pads by at most 8 of 9 pixels; 9 are asked for.",
        ),
        ("Upsample", {"scale_factor": 2}, ((6,),), RankError, "Upsample takes maps"),
        ("LocalResponseNorm", {"size": 5}, ((6,),), RankError, "LocalResponseNorm takes maps"),
        ("StochasticPool2d", {"kernel_size": 2}, ((6,),), RankError, "StochasticPool2d takes maps"),
        ("AdaptiveMaxPool2d", {"output_size": 1}, ((6,),), RankError, "AdaptiveMaxPool2d takes maps"),
        ("Linear", {"out_features": 10}, ((50, 7, 7),), RankError, "Linear takes a vector; 50 × 7 × 7 arrived."),
        (
            "MaxPool2d",
            {"kernel_size": 3, "padding": 2},
            ((6, 9, 9),),
            ShapeError,
            "MaxPool2d: padding is at most half the window; 2 is more than half of 3.",
        ),
        ("AvgPool2d", {"kernel_size": 2, "padding": 2}, ((6, 9, 9),), ShapeError, "AvgPool2d: padding is at most half"),
        ("MaxPool2d", {"kernel_size": 2}, ((6, 1, 9),), ShapeError, "MaxPool2d: a window of 2 × 2 does not fit"),
        ("AdaptiveAvgPool2d", {"output_size": 1}, ((6,),), RankError, "AdaptiveAvgPool2d takes maps"),
        (
            "Add",
            {},
            ((6, 9, 9), (6, 9, 9), (6, 9, 8)),
            ShapeError,
            "Add takes inputs of one shape; 6 × 9 × 9, 6 × 9 × 9 and 6 × 9 × 8 arrived.",
        ),
        (
            "Concat",
            {},
            ((6, 9, 9), (6, 4, 4)),
            ShapeError,
            "Concat joins channels and takes inputs of one height and width; 6 × 9 × 9 and 6 × 4 × 4 arrived.",
        ),
        ("Concat", {}, ((6,), (6, 4, 4)), ShapeError, "Concat joins channels"),
    ],
)
def test_what_does_not_fit_is_told(
    kind: str, params: dict[str, object], inputs: tuple[Shape, ...], error: type[ShapeError], words: str
) -> None:
    spec = spec_of(kind)
    with pytest.raises(error) as caught:
        spec.output_shape(spec.check(params), inputs)
    assert str(caught.value).startswith(words)
    assert set(caught.value.arrived) <= set(inputs)
    assert caught.value.expected


def test_padding_of_half_the_window_is_legal() -> None:
    spec = spec_of("MaxPool2d")
    assert spec.output_shape(spec.check({"kernel_size": 3, "padding": 1}), ((1, 6, 6),)) == (1, 2, 2)
    assert spec.output_shape(spec.check({"kernel_size": 2, "padding": 1}), ((1, 6, 6),)) == (1, 4, 4)


def test_an_unknown_kind_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownKindError, match=r"There is no layer kind 'Conv2D'\. Did you mean Conv2d"):
        spec_of("Conv2D")
    with pytest.raises(UnknownKindError, match=r"^There is no layer kind 'Embedding'\.$"):
        spec_of("Embedding")


def test_families_hold_every_kind_once() -> None:
    kinds = [spec.kind for specs in families().values() for spec in specs]
    assert sorted(kinds) == sorted(CATALOGUE)
    assert list(families()) == list(Family)
    assert [spec.kind for spec in families()[Family.POOLING]] == [
        "MaxPool2d",
        "AvgPool2d",
        "StochasticPool2d",
        "AdaptiveAvgPool2d",
        "AdaptiveMaxPool2d",
    ]


def test_linear_wears_its_own_colour() -> None:
    assert spec_of("Linear").colour == "linear"
    assert spec_of("Conv2d").colour == "convolution"
