"""Parameters are checked where they are declared, and what is refused is told in words."""

from __future__ import annotations

from typing import Any

import pytest

from cnnstudio.graph import CATALOGUE, ParameterError
from cnnstudio.graph.params import LARGEST, REQUIRED, ParamSpec, ParamType, pair
from cnnstudio.graph.shapes import size_text


def param(kind: str, name: str) -> ParamSpec:
    return CATALOGUE[kind].param(name)


@pytest.mark.parametrize(
    ("kind", "name", "value", "normal"),
    [
        ("Conv2d", "out_channels", 1, 1),
        ("Conv2d", "out_channels", LARGEST, LARGEST),
        ("Conv2d", "kernel_size", 3, 3),
        ("Conv2d", "kernel_size", (3, 3), 3),
        ("Conv2d", "kernel_size", [3, 5], (3, 5)),
        ("Conv2d", "padding", 0, 0),
        ("Conv2d", "padding", "same", "same"),
        ("Conv2d", "padding", "valid", "valid"),
        ("Conv2d", "padding", (1, 1), 1),
        ("Conv2d", "padding", (1, 2), (1, 2)),
        ("Conv2d", "padding", (1, 1, 1, 1), 1),
        ("Conv2d", "padding", (1, 1, 2, 2), (1, 2)),
        ("Conv2d", "padding", [0, 1, 0, 1], (0, 1, 0, 1)),
        ("Conv2d", "bias", False, False),
        ("Conv2d", "padding_mode", "reflect", "reflect"),
        ("MaxPool2d", "stride", None, None),
        ("MaxPool2d", "stride", (2, 2), 2),
        ("BatchNorm", "eps", 1, 1.0),
        ("BatchNorm", "momentum", 0, 0.0),
        ("Dropout", "p", 0.999, 0.999),
        ("Input", "shape", [3, 32, 32], (3, 32, 32)),
        ("Input", "shape", (64,), (64,)),
    ],
)
def test_a_sound_value_takes_its_one_normal_form(kind: str, name: str, value: object, normal: object) -> None:
    checked = param(kind, name).check(value)
    assert checked == normal
    assert type(checked) is type(normal)


WHOLE = "a whole number from 1 to 65536"
SIZE = "a whole number from 1 to 1024, or such a (height, width)"
PIXELS = "a whole number from 0 to 1024, (height, width) or (top, bottom, left, right)"
PADDING = 'a whole number from 0 to 1024, (height, width), (top, bottom, left, right), "valid" or "same"'


@pytest.mark.parametrize(
    ("kind", "name", "value", "sentence"),
    [
        ("Conv2d", "out_channels", 0, f"out_channels is 0; it takes {WHOLE}."),
        ("Conv2d", "out_channels", 65537, f"out_channels is 65537; it takes {WHOLE}."),
        ("Conv2d", "out_channels", 2.0, f"out_channels is 2.0; it takes {WHOLE}."),
        ("Conv2d", "out_channels", "16", f"out_channels is '16'; it takes {WHOLE}."),
        ("Conv2d", "out_channels", True, f"out_channels is True; it takes {WHOLE}."),
        ("Conv2d", "out_channels", None, f"out_channels is None; it takes {WHOLE}."),
        pytest.param(
            "Conv2d", "out_channels", 10**5000, f"out_channels is a huge number; it takes {WHOLE}.", id="huge"
        ),
        ("Conv2d", "kernel_size", 0, f"kernel_size is 0; it takes {SIZE}."),
        ("Conv2d", "kernel_size", (3,), f"kernel_size is (3,); it takes {SIZE}."),
        ("Conv2d", "kernel_size", (3, 0), f"kernel_size is (3, 0); it takes {SIZE}."),
        ("Conv2d", "kernel_size", (3, 3, 3), f"kernel_size is (3, 3, 3); it takes {SIZE}."),
        ("Conv2d", "stride", (1, False), f"stride is (1, False); it takes {SIZE}."),
        ("Conv2d", "padding", -1, f"padding is -1; it takes {PADDING}."),
        ("Conv2d", "padding", "full", f"padding is 'full'; it takes {PADDING}."),
        ("Conv2d", "padding", (1, 2, 3), f"padding is (1, 2, 3); it takes {PADDING}."),
        (
            "ConvTranspose2d",
            "padding",
            "same",
            f"padding is 'same'; it takes {PIXELS}.",
        ),
        ("Conv2d", "bias", 1, "bias is 1; it takes true or false."),
        (
            "Conv2d",
            "padding_mode",
            "wrap",
            'padding_mode is \'wrap\'; it takes "zeros" or "reflect" or "replicate".',
        ),
        ("MaxPool2d", "stride", 0, f"stride is 0; it takes {SIZE}."),
        ("BatchNorm", "eps", 0, "eps is 0; it takes a number above 0 to 1."),
        ("BatchNorm", "eps", "small", "eps is 'small'; it takes a number above 0 to 1."),
        ("BatchNorm", "momentum", 1.5, "momentum is 1.5; it takes a number from 0 to 1."),
        ("BatchNorm", "momentum", float("nan"), "momentum is nan; it takes a number from 0 to 1."),
        ("BatchNorm", "momentum", 10**400, "momentum is 1000000000000000000000000000000000000...; it takes"),
        ("GroupNorm", "num_groups", 0, f"num_groups is 0; it takes {WHOLE}."),
        ("LocalResponseNorm", "k", 0, "k is 0; it takes a number above 0 to 1000."),
        ("LocalResponseNorm", "beta", -1, "beta is -1; it takes a number from 0 to 10."),
        ("ELU", "alpha", -1, "alpha is -1; it takes a number from 0 to 1000."),
        ("GELU", "approximate", "erf", 'approximate is \'erf\'; it takes "none" or "tanh".'),
        ("Dropout", "p", 1, "p is 1; it takes a number from 0 to below 1."),
        (
            "Pad2d",
            "padding",
            "valid",
            f"padding is 'valid'; it takes {PIXELS}.",
        ),
        ("Upsample", "scale_factor", 1.5, f"scale_factor is 1.5; it takes {SIZE}."),
        ("Dropout", "p", True, "p is True; it takes a number from 0 to below 1."),
        ("LeakyReLU", "negative_slope", -0.1, "negative_slope is -0.1; it takes a number from 0 to 1."),
        (
            "Input",
            "shape",
            (3, 32),
            "shape is (3, 32); it takes (channels, height, width) or (features,), each from 1 to 65536.",
        ),
        ("Input", "shape", 28, "shape is 28; it takes (channels, height, width) or (features,)"),
    ],
)
def test_what_is_refused_is_told_with_what_would_do(kind: str, name: str, value: object, sentence: str) -> None:
    with pytest.raises(ParameterError) as caught:
        param(kind, name).check(value)
    assert str(caught.value).startswith(sentence)


def test_a_number_without_an_upper_end_says_so() -> None:
    free: dict[str, Any] = {"type": ParamType.REAL, "label": "", "help": "", "maximum": float("inf"), "minimum": 0}
    assert ParamSpec("k", **free).range_text == "a number of at least 0"
    assert ParamSpec("k", **free, above_minimum=True).range_text == "a number above 0"


class TestALayerSParameters:
    def test_are_filled_with_their_defaults_in_declared_order(self) -> None:
        checked = CATALOGUE["Conv2d"].check({"kernel_size": 3, "out_channels": 8})
        assert list(checked.items()) == [
            ("out_channels", 8),
            ("kernel_size", 3),
            ("stride", 1),
            ("padding", 0),
            ("dilation", 1),
            ("groups", 1),
            ("bias", True),
            ("padding_mode", "zeros"),
        ]

    def test_that_are_missing_are_named(self) -> None:
        with pytest.raises(ParameterError, match=r"^Conv2d needs out_channels, kernel_size\.$"):
            CATALOGUE["Conv2d"].check({})

    def test_that_are_unknown_are_answered_with_the_known_ones(self) -> None:
        with pytest.raises(ParameterError, match=r"^Linear has no parameter units; it has: out_features, bias\.$"):
            CATALOGUE["Linear"].check({"units": 5})
        with pytest.raises(ParameterError, match=r"^ReLU has no parameter slope; it has: none\.$"):
            CATALOGUE["ReLU"].check({"slope": 5})

    def test_that_are_refused_name_the_kind(self) -> None:
        with pytest.raises(ParameterError, match=r"^Dropout: p is 2; it takes"):
            CATALOGUE["Dropout"].check({"p": 2})


@pytest.mark.parametrize("kind", CATALOGUE)
class TestEveryKind:
    def test_says_what_it_is(self, kind: str) -> None:
        spec = CATALOGUE[kind]
        assert spec.kind == kind
        assert 0 < len(spec.help) <= 28, "a line of the palette holds no more"
        assert spec.formula
        assert spec.colour

    def test_starts_with_sound_parameters_when_it_is_drawn_by_hand(self, kind: str) -> None:
        spec = CATALOGUE[kind]
        assert spec.check(spec.first_params()) == spec.first_params()

    def test_has_parameters_that_explain_themselves(self, kind: str) -> None:
        for each in CATALOGUE[kind].params:
            assert each.label
            assert each.help.endswith(".")
            assert each.range_text
            assert each.required or each.check(each.default) == each.default
            assert (each.default is REQUIRED) == each.required

    def test_takes_what_it_has_given_out(self, kind: str) -> None:
        spec = CATALOGUE[kind]
        checked = spec.check(spec.first_params())
        assert spec.check(checked) == checked

    def test_shows_its_main_parameters_in_few_words(self, kind: str) -> None:
        spec = CATALOGUE[kind]
        assert len(spec.summary(spec.check(spec.first_params()))) < 40


@pytest.mark.parametrize(
    ("kind", "params", "summary"),
    [
        ("Input", {"shape": (1, 28, 28)}, "28 × 28 grey picture"),
        ("Input", {"shape": (3, 32, 32)}, "32 × 32 colour picture"),
        ("Input", {"shape": (5, 8, 8)}, "8 × 8 map of 5 channels"),
        ("Input", {"shape": (64,)}, "64 features"),
        ("Conv2d", {"out_channels": 20, "kernel_size": 5, "padding": 2}, "5×5, 20, pad 2"),
        ("Conv2d", {"out_channels": 8, "kernel_size": (3, 1), "stride": 2}, "3×1, stride 2, 8"),
        ("Conv2d", {"out_channels": 8, "kernel_size": 3, "stride": (2, 1)}, "3×3, stride 2×1, 8"),
        (
            "Conv2d",
            {"out_channels": 8, "kernel_size": 3, "padding": "same", "dilation": 2},
            "3×3, 8, pad same, dilation 2",
        ),
        (
            "Conv2d",
            {"out_channels": 8, "kernel_size": 3, "padding": (0, 1, 0, 1), "groups": 4},
            "3×3, 8, pad 0·1·0·1, 4 groups",
        ),
        (
            "ConvTranspose2d",
            {"out_channels": 8, "kernel_size": 4, "stride": 2, "padding": 1},
            "4×4, stride 2, 8, pad 1",
        ),
        ("StochasticPool2d", {"kernel_size": 3, "stride": 2}, "3×3, stride 2"),
        ("AdaptiveMaxPool2d", {"output_size": 1}, "to 1 × 1"),
        ("Linear", {"out_features": 500}, "500"),
        ("MaxPool2d", {"kernel_size": 2}, "2×2"),
        ("MaxPool2d", {"kernel_size": 3, "stride": 2, "padding": 1}, "3×3, stride 2, pad 1"),
        ("AdaptiveAvgPool2d", {"output_size": (1, 2)}, "to 1 × 2"),
        ("GroupNorm", {"num_groups": 8}, "8 groups"),
        ("GroupNorm", {"num_groups": 1}, "1 group"),
        ("LocalResponseNorm", {"size": 5}, "size 5"),
        ("LeakyReLU", {}, "slope 0.01"),
        ("ELU", {}, "alpha 1"),
        ("GELU", {}, ""),
        ("GELU", {"approximate": "tanh"}, "tanh"),
        ("Dropout", {"p": 0.25}, "p 0.25"),
        ("DropPath", {}, "p 0.1"),
        ("Pad2d", {"padding": (1, 2)}, "pad 1·2"),
        ("Pad2d", {"padding": 3, "mode": "reflect"}, "pad 3, reflect"),
        ("Upsample", {"scale_factor": 2}, "×2"),
        ("Upsample", {"scale_factor": (2, 3), "mode": "bilinear"}, "×2·3, bilinear"),
    ],
)
def test_a_card_shows(kind: str, params: dict[str, object], summary: str) -> None:
    spec = CATALOGUE[kind]
    assert spec.summary(spec.check(params)) == summary


def test_sizes_are_written_as_people_read_them() -> None:
    assert size_text((20, 28, 28)) == "20 × 28 × 28"
    assert pair(3) == (3, 3)
    assert pair((3, 5)) == (3, 5)
