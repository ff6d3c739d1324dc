"""Where a report goes: to stdout, or whole into a file."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Collection, Iterable
from pathlib import Path

from cnnstudio.cli.parsing import Fault, check_output, exists
from cnnstudio.data.errors import quoted, reason
from cnnstudio.explain.reports import FORMATS, EndingError, format_by_ending
from cnnstudio.project.atomic import write_bytes_atomically


def delivery_arguments(parser: argparse.ArgumentParser, formats: Iterable[str] = FORMATS) -> None:
    """`--format` and `--out`."""
    parser.add_argument(
        "--format",
        choices=tuple(formats),
        help="how to write it (default: what the name of --out ends in; table where it has no ending)",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write it into a file, in the place of what is there")


def chosen_format(options: argparse.Namespace, formats: Collection[str] = FORMATS) -> str:
    """The format that is asked for, by name or by how --out ends; asked before the work.

    Raises Fault where --out ends as none of `formats` does.
    """
    if options.format is not None:
        return str(options.format)
    if options.out is None or _is_stream(options.out):
        return "table"
    try:
        return format_by_ending(options.out, formats, "table")
    except EndingError as error:
        raise Fault(f"{error} --format says it outright.") from None


def check_delivery(out: Path | None, sources: Iterable[str]) -> None:
    """Raises Fault where --out cannot be written or would lose a network; asked before the work, not after it."""
    if out is None or _is_stream(out):
        return
    if out.suffix.lower() == ".cnnstudio" or any(_same(out, Path(source)) for source in sources):
        raise Fault(f"{quoted(out)} is the name of a project; --out takes another one for the report.")
    check_output(out)
    if out.exists() and not os.access(out, os.W_OK):
        raise Fault(f"{quoted(out)} cannot be written: it is read-only.")


def deliver(text: str, out: Path | None) -> None:
    """Print the text, or write it as UTF-8 in the place of `out`. Raises Fault where that fails."""
    if out is None:
        print(text)
        return
    content = f"{text}\n".encode(errors="replace")
    there = out.exists()
    try:
        if _is_stream(out):
            out.write_bytes(content)
            return
        write_bytes_atomically(out, content)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Fault(f"{quoted(out)} cannot be written: {reason(error)}.") from None
    print(f"Wrote {out}{', in the place of the one that was there' if there else ''}", file=sys.stderr)


def _is_stream(path: Path) -> bool:
    """Whether there is something at `path` that is no file and no folder: a pipe, /dev/stdout, /dev/null."""
    return exists(path) and path.exists() and not path.is_file() and not path.is_dir()


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False
