"""ONNX's published node cases: the stored outputs are what our layers, losses and optimizers give.

Of the 284 cases of the operators that we cover, 191 are run and pass; why the others say nothing about us stands beside
them in `onnx_nodes.OUT_OF_SCOPE`.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from tests.conformance.onnx_layers import LAYERS
from tests.conformance.onnx_nodes import OPERATORS, OUT_OF_SCOPE, RUN, node, operator_of, published

RUNNING = 191
NOT_RUNNING = 93

PRINTED = {"test_averagepool_2d_ceil_last_window_starts_on_pad": 1e-4}
"""Cases whose stored outputs were typed in, and how far from the truth that may be."""


@pytest.mark.parametrize("name", [name for names in RUN.values() for name in names])
@pytest.mark.oracle
def test_stored_output_is_ours(name):
    """To 1e-5 relative, where ONNX itself asks for 1e-3."""
    given = node(name)
    found = LAYERS[given.operator](given)
    assert found
    for ours, theirs in zip(found, given.outputs, strict=False):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=PRINTED.get(name, 1e-6))


@pytest.mark.oracle
def test_every_case_of_our_operators_is_run_or_out_of_scope():
    cases = {name for name in published() if operator_of(name) in OPERATORS}
    run = Counter(name for names in RUN.values() for name in names)
    left_out = Counter(name for names in OUT_OF_SCOPE.values() for name in names)
    assert set(run) | set(left_out) == cases
    assert (run + left_out).most_common(1)[0][1] == 1, "a case stands in both tables, or twice"
    assert all(operator_of(name) == operator for operator, names in RUN.items() for name in names)


def test_the_counts_are_as_stated():
    """The numbers that the tables add up to, so that nobody quotes old ones."""
    assert sum(len(names) for names in RUN.values()) == RUNNING
    assert sum(len(names) for names in OUT_OF_SCOPE.values()) == NOT_RUNNING
