"""The oracle that the conformance tests share."""

from __future__ import annotations

from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def torch() -> ModuleType:
    """PyTorch on one thread: on several, the tests' workers would wait for each other's cores."""
    module = pytest.importorskip("torch", reason="PyTorch is the oracle here; pip install -e '.[oracle]'")
    module.set_num_threads(1)
    return module
