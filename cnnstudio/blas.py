"""Which kernels NumPy's OpenBLAS computes with: chosen before NumPy loads it, told afterwards.

On AMD's Zen 4 and 5, OpenBLAS takes its AVX2 kernels (Haswell), although these processors have the AVX-512 that its
SkylakeX kernels need, and multiply matrices almost twice as fast with them. OpenBLAS reads OPENBLAS_CORETYPE once,
while NumPy is imported; so the package sets it when it is imported, and what the user has set stands. Worker
processes inherit it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, MutableMapping

VARIABLE = "OPENBLAS_CORETYPE"
KERNELS = "SkylakeX"

NEEDED = frozenset({"avx2", "fma", "avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"})
"""Instructions that the SkylakeX kernels use, as Linux names them."""


def choose_kernels(environment: MutableMapping[str, str], loaded: Mapping[str, object]) -> None:
    """Have OpenBLAS take the faster kernels, unless `environment` names some, or NumPy is `loaded` already."""
    if VARIABLE not in environment and "numpy" not in loaded and _faster_on(processor()):
        environment[VARIABLE] = KERNELS


def kernels_in_use() -> str:
    """One line: the BLAS that NumPy has loaded, its kernels, and whether it could have had faster ones."""
    import numpy  # noqa: F401 - so that its BLAS is there to be asked
    from threadpoolctl import threadpool_info  # type: ignore[import-untyped]

    found = next((each for each in threadpool_info() if each["user_api"] == "blas"), None)
    if found is None:
        return "unknown BLAS"
    kernels = found.get("architecture", "unknown")
    line = f"{found['internal_api']} {found['version'] or ''}".strip() + f", {kernels} kernels"
    if found["internal_api"] == "openblas" and kernels != KERNELS and _faster_on(processor()):
        chosen = os.environ.get(VARIABLE)
        reason = f"{VARIABLE} says {chosen}" if chosen not in (None, KERNELS) else "NumPy was imported before cnnstudio"
        line += f" ({KERNELS} would be faster here; {reason})"
    return line


def processor() -> str:
    """What Linux says of the first processor; nothing elsewhere."""
    if not sys.platform.startswith("linux"):
        return ""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - pathlib costs 5 ms
            return file.read().partition("\n\n")[0]
    except OSError:
        return ""


def _faster_on(description: str) -> bool:
    """Whether OpenBLAS would take AVX2 kernels on a processor that can do better: an AMD with AVX-512."""
    facts = {}
    for line in description.splitlines():
        name, _, value = line.partition(":")
        facts[name.strip()] = value.strip()
    return facts.get("vendor_id") == "AuthenticAMD" and set(facts.get("flags", "").split()) >= NEEDED
