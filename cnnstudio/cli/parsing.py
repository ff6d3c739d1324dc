"""What the commands share: how they are described, how they end, and how they say what is wrong."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import NoReturn

from cnnstudio.compile import CompileError, compile_graph
from cnnstudio.data.errors import quoted
from cnnstudio.engine import Network
from cnnstudio.graph import analyze, presets
from cnnstudio.project import DataChoice, Project, ProjectError, open_project
from cnnstudio.session import fitting

BAD_INPUT = 2
DIVERGED = 1
INTERRUPTED = 130


class Fault(Exception):  # noqa: N818 - the user's, and no error of the program
    """Ends a command: one sentence for stderr, and the exit code."""

    def __init__(self, sentence: str, code: int = BAD_INPUT) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `help` is its line in the list of commands."""

    name: str
    help: str
    description: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    epilog: str = ""

    @property
    def prog(self) -> str:
        return f"cnnstudio {self.name}".rstrip()


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, instead of the whole usage."""

    def __init__(self, *, prog: str, description: str, epilog: str = "") -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        raise Fault(f"{message}; see '{self.prog} --help'")


def one_line(text: str) -> str:
    return " ".join(text.split())


def network_argument(parser: argparse.ArgumentParser, metavar: str = "PRESET|PROJECT") -> None:
    parser.add_argument(
        "network",
        metavar=metavar,
        help="a preset (all are named below) or a .cnnstudio file; a preset's name wins over a file's",
    )
    parser.epilog = f"{parser.epilog or ''}\n\n{_presets_by_group()}".strip()


def _presets_by_group() -> str:
    """The names of all presets, a paragraph a group."""
    groups: dict[str, list[str]] = {}
    for name in presets.names():
        groups.setdefault(presets.info(name).group, []).append(name)
    column = max(len(group) for group in groups) + 4
    return "presets:\n" + "\n".join(
        fill(
            ", ".join(names),
            width=100,
            initial_indent=f"  {group}".ljust(column),
            subsequent_indent=" " * column,
            break_on_hyphens=False,
        )
        for group, names in groups.items()
    )


def load_network(name: str, command: str) -> Project:
    """The project that PRESET|PROJECT means; a preset comes with the data that it is for.

    Raises Fault, with the nearest presets where there is nothing, or with the `command` whose help names them all.
    """
    if name in presets.names():
        graph = presets.load(name)
        return Project(graph=graph, title=name, data=fitting.known_choice(analyze(graph)) or DataChoice())
    path = Path(name)
    if not exists(path):
        near = _presets_near(name, command)
        raise Fault(f"There is no preset and no file {quoted(name)}. {near}")
    if path.is_dir():
        raise Fault(f"{quoted(name)} cannot be opened: it is a folder, and no preset or .cnnstudio file.")
    try:
        return open_project(path)
    except ProjectError as error:
        raise Fault(str(error)) from None


def compiled(project: Project) -> Network:
    """The project's network with its weights. Raises Fault for one that this computer cannot hold."""
    try:
        network = compile_graph(project.graph, seed=project.training.seed)
    except CompileError as error:
        raise Fault(str(error)) from None
    network.load_state_dict(project.state_dict(), strict=False)
    return network


def check_output(path: Path) -> None:
    """Raises Fault unless a file can be written at `path`: asked before the work, not after it."""
    folder = path.absolute().parent
    probe = folder / f".{path.name}.probe"
    try:
        if path.is_dir():
            raise Fault(f"{quoted(path)} is a folder; --out takes the name of a file.")
        if not folder.is_dir():
            raise Fault(f"There is no folder {quoted(folder)} to write {quoted(path.name)} into; make it first.")
        probe.open("xb").close()
        probe.unlink()
    except OSError as error:
        raise Fault(f"{quoted(path)} cannot be written: {error.strerror or error}.") from None


def whole_number(least: int) -> Callable[[str], int]:
    """An argparse type: a whole number of at least `least`."""

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if number < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
        return number

    return parse


def number(words: str, fits: Callable[[float], bool]) -> Callable[[str], float]:
    """An argparse type: a finite number that fits, which `words` describes: "above 0"."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and fits(value)):
            raise argparse.ArgumentTypeError(f"{text!r} is not a number {words}")
        return value

    return parse


def counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def listed(names: Iterable[str]) -> str:
    *front, last = names
    return f"{', '.join(front)} or {last}" if front else last


def exists(path: Path) -> bool:
    """Whether there is anything at `path`; no for what cannot be a path."""
    try:
        return path.exists() or path.is_symlink()
    except (OSError, ValueError):
        return False


def _presets_near(name: str, command: str) -> str:
    """A few names that could be meant; where none is near, where all of them stand."""
    near = presets.nearest(name)
    return f"Nearest: {', '.join(near)}." if near else f"'cnnstudio {command} --help' names the presets."
