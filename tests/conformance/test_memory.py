"""The memory of a step is used again by the next: a long run holds no more at its end than after its first steps."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("memory_of_training.py")
WARM_UP, STEPS, TRACED = 200, 2000, 200

GROWTH = 4 << 20
"""Of resident memory over 2,000 steps, in bytes: 2 KB a step, where the widest maps of one take 36 KB."""

TRACED_GROWTH = 32 << 10
"""Of what Python and NumPy hold over some 190 steps: the least array kept in each of them would be more."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="resident memory is read as Linux tells it"),
]


@pytest.fixture(scope="module")
def figures() -> Mapping[str, int]:
    command = [sys.executable, str(SCRIPT), *map(str, (WARM_UP, STEPS, TRACED))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stderr
    found: Mapping[str, int] = json.loads(done.stdout)
    return found


def test_resident_memory_does_not_grow_over_two_thousand_steps(figures: Mapping[str, int]) -> None:
    assert figures["resident_after"] - figures["resident_before"] < GROWTH


def test_no_step_leaves_anything_behind(figures: Mapping[str, int]) -> None:
    assert figures["traced_after"] - figures["traced_before"] < TRACED_GROWTH
