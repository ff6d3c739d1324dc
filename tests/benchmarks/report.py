"""Tables of figures, printed and kept in the README beside this file, one section a benchmark."""

from __future__ import annotations

import os
import platform
from pathlib import Path

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
    """The processor, cores, Python, NumPy and the BLAS kernels in use, in one line."""
    blas = next((each for each in threadpool_info() if each["user_api"] == "blas"), {})
    kernels = f"{blas.get('internal_api', 'unknown BLAS')} ({blas.get('architecture', 'unknown kernels')})"
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, "
        f"NumPy {np.__version__}, {kernels}"
    )


def write_section(title: str, introduction: str, table: Table) -> None:
    """Print a section and put it in README.md, in the place of an older one of that title."""
    section = f"## {title}\n\n{introduction}\n\n{table}\n"
    print(section)
    text = README.read_text(encoding="utf-8") if README.exists() else TITLE
    head, *sections = text.split("\n## ")
    kept = [each for each in sections if not each.startswith(f"{title}\n")]
    parts = [head.rstrip(), *(f"## {each.rstrip()}" for each in kept), section.rstrip()]
    README.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
