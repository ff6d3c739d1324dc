"""`cnnstudio [PROJECT]`: the window. Only here, and only when it is to open, does Qt come in."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

from cnnstudio import __version__
from cnnstudio.blas import kernels_in_use
from cnnstudio.cli.parsing import BAD_INPUT, Command, Fault, exists
from cnnstudio.data.errors import quoted

_DESCRIPTION = "Draw a convolutional network, train it live, take any of its numbers apart."


def window_command(others: Mapping[str, Command]) -> Command:
    """The command without a name; its help lists the `others`."""
    width = max(len(name) for name in others)
    lines = [f"  {name.ljust(width)}  {each.help}" for name, each in others.items()]
    epilog = "commands that need no screen:\n" + "\n".join(lines) + "\n\n'cnnstudio COMMAND --help' tells more."

    def run(options: argparse.Namespace) -> int:
        return _open(options.project, options.quit_after, tuple(others))

    return Command("", "", f"{_DESCRIPTION} Without a command, the window opens.", _add_arguments, run, epilog)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = "cnnstudio [PROJECT]\n       cnnstudio COMMAND ..."
    parser.add_argument("project", nargs="?", metavar="PROJECT", help="a .cnnstudio file to open")
    parser.add_argument("--version", action=_Version, nargs=0, help="show program's version number and exit")
    parser.add_argument("--quit-after", type=float, metavar="SECONDS", help=argparse.SUPPRESS)


class _Version(argparse.Action):
    """Asks which kernels NumPy computes with only when the version is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        print(f"CNN Studio {__version__}\nBLAS: {kernels_in_use()}")
        parser.exit()


def _open(project: str | None, quit_after: float | None, commands: tuple[str, ...]) -> int:
    path = None if project is None else Path(project)
    if path is not None and not exists(path):
        near = get_close_matches(str(project), commands, n=1)
        hint = f" Did you mean 'cnnstudio {near[0]}'?" if near else ""
        raise Fault(f"There is no project file and no command {quoted(str(project))}.{hint}")
    outcome = _start(path, quit_after)
    if isinstance(outcome, str):
        print(f"cnnstudio: {outcome}", file=sys.stderr)  # several lines: what is missing, and how to get it
        return BAD_INPUT
    return outcome


def _start(path: Path | None, quit_after: float | None) -> int | str:
    """The window's exit code, or why it cannot open here."""
    from cnnstudio.gui import preflight

    try:
        preflight.check()
    except preflight.PreflightError as error:
        return str(error)

    from cnnstudio.gui.app import run_app

    return run_app(path, quit_after)
