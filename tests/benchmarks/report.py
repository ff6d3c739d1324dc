"""Tables of figures, printed and kept in the README beside this file, one section a benchmark."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from cnnstudio.blas import VARIABLE  # before NumPy, so that it can choose the BLAS kernels

# isort: split
import numpy as np
from threadpoolctl import threadpool_info

README = Path(__file__).with_name("README.md")
TITLE = """# Benchmarks

Written by the scripts of this folder, never by hand. Only ratios taken in one run mean anything on a noisy machine.
"""


class Table:
    """Rows of text under headings."""

    def __init__(self, *headings: str) -> None:
        self._rows = [headings, tuple("---" for _ in headings)]

    def row(self, *cells: str) -> None:
        self._rows.append(cells)

    def __str__(self) -> str:
        return "\n".join("| " + " | ".join(row) + " |" for row in self._rows)


def machine() -> str:
    """The processor, cores, Python, NumPy, the BLAS kernels in use and who chose them, in one line."""
    blas = next((each for each in threadpool_info() if each["user_api"] == "blas"), {})
    kernels = f"{blas.get('internal_api', 'unknown BLAS')}'s {blas.get('architecture', 'unknown')} kernels"
    asked = environment().get(VARIABLE)
    chosen = f"{VARIABLE} was {asked} in the environment" if asked else f"{VARIABLE} was not set by the environment"
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, "
        f"NumPy {np.__version__}, {kernels} ({chosen})"
    )


def write_section(title: str, *paragraphs: str | Table) -> None:
    """Print a section and put it in README.md, in the place of an older one of that title; other sections stay."""
    section = "\n\n".join((f"## {title}", *map(str, paragraphs))) + "\n"
    print(section)
    text = README.read_text(encoding="utf-8") if README.exists() else TITLE
    head, *sections = text.split("\n## ")
    kept = [each for each in sections if not each.startswith(f"{title}\n")]
    parts = [head.rstrip(), *(f"## {each.rstrip()}" for each in kept), section.rstrip()]
    README.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def environment() -> dict[str, str]:
    """As this process was started with (Linux): `cnnstudio` sets VARIABLE itself where nobody has."""
    try:
        entries = Path("/proc/self/environ").read_text(encoding="utf-8", errors="replace").split("\0")
    except OSError:
        return dict(os.environ)
    return dict(entry.split("=", 1) for entry in entries if "=" in entry)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
