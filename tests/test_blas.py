"""Which BLAS kernels a process gets: each case is a process of its own, on a processor that the test describes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

FLAGS = "fpu sse avx avx2 fma avx512f avx512cd avx512bw avx512dq avx512vl"
ZEN4 = f"processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nflags\t\t: {FLAGS}\n\nprocessor\t: 1\n"
ZEN3 = ZEN4.replace(" avx512f avx512cd avx512bw avx512dq avx512vl", "")
PARTLY = ZEN4.replace(" avx512vl", "")
INTEL = ZEN4.replace("AuthenticAMD", "GenuineIntel")
ARM = "processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\n"

PROGRAM = """
import builtins, io, json, os, sys
real, description, platform, first = builtins.open, *json.loads(sys.argv[1])
def pretend(path, *arguments, **options):
    if path != "/proc/cpuinfo":
        return real(path, *arguments, **options)
    if description is None:
        raise FileNotFoundError(path)
    return io.StringIO(description)
builtins.open = pretend
system, sys.platform = sys.platform, platform
if first:
    sys.platform = system
    import numpy
    sys.platform = platform
before = set(sys.modules)
import cnnstudio
sys.platform = system
loaded = sorted(set(sys.modules) - before)
chosen = os.environ.get("OPENBLAS_CORETYPE")
sys.platform = platform
from cnnstudio.blas import kernels_in_use
import threadpoolctl
found = {"user_api": "blas", "internal_api": "openblas", "version": "1.2", "architecture": sys.argv[2]}
threadpoolctl.threadpool_info = lambda: [found]
print(json.dumps([chosen, loaded, kernels_in_use()]))
"""


def start(
    description: str | None,
    *,
    platform: str = "linux",
    numpy_first: bool = False,
    kernels: str = "SkylakeX",
    setting: str | None = None,
) -> tuple[str | None, list[str], str]:
    """(OPENBLAS_CORETYPE after the import, modules that it loaded, what kernels_in_use says)."""
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    if setting is not None:
        environment["OPENBLAS_CORETYPE"] = setting
    case = json.dumps([description, platform, numpy_first])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, case, kernels], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return tuple(json.loads(done.stdout))


def test_an_amd_with_avx512_gets_the_faster_kernels():
    chosen, loaded, said = start(ZEN4)
    assert chosen == "SkylakeX"
    assert {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names == {"cnnstudio"}
    assert len(loaded) < 10, "the import stays light"
    assert said == "openblas 1.2, SkylakeX kernels"


@pytest.mark.parametrize("description", [ZEN3, PARTLY, INTEL, ARM, "", None])
def test_any_other_processor_keeps_openblas_own_choice(description):
    chosen, _, said = start(description, kernels="Haswell")
    assert chosen is None
    assert said == "openblas 1.2, Haswell kernels"


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_nothing_is_chosen_on_other_systems(platform):
    assert start(ZEN4, platform=platform)[0] is None


@pytest.mark.parametrize("setting", ["Haswell", "Zen", ""])
def test_what_the_user_has_set_stands(setting):
    assert start(ZEN4, setting=setting)[0] == setting


def test_kernels_that_the_user_has_set_are_told():
    assert start(ZEN4, setting="Haswell", kernels="Haswell")[2].endswith("faster here; OPENBLAS_CORETYPE says Haswell)")


def test_numpy_before_the_package_is_too_early_and_said():
    chosen, _, said = start(ZEN4, numpy_first=True, kernels="Haswell")
    assert chosen is None
    assert said == (
        "openblas 1.2, Haswell kernels (SkylakeX would be faster here; NumPy was imported before cnnstudio)"
    )
