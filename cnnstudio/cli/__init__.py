"""The command line: `cnnstudio [PROJECT]` opens the window; the other commands need no screen.

Exit codes: 0 done; 1 training diverged; 2 bad usage or bad input, with one line on stderr; 130 interrupted.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from cnnstudio.cli.analysis import COMMAND as ANALYZE
from cnnstudio.cli.comparison import COMMAND as COMPARE
from cnnstudio.cli.datasets import COMMAND as DATA
from cnnstudio.cli.inspection import COMMAND as INSPECT
from cnnstudio.cli.parsing import BAD_INPUT, INTERRUPTED, Command, Fault, Parser, exists, one_line
from cnnstudio.cli.profiling import COMMAND as PROFILE
from cnnstudio.cli.training import COMMAND as TRAIN
from cnnstudio.cli.window import window_command
from cnnstudio.data.errors import reason

COMMANDS: Mapping[str, Command] = MappingProxyType(
    {each.name: each for each in (TRAIN, ANALYZE, COMPARE, PROFILE, INSPECT, DATA)}
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. `arguments`: those of the process unless given."""
    arguments = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a Windows pipe cannot say a rule or a bar, and must not end the work
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except Fault as fault:
        print(f"cnnstudio: {one_line(str(fault))}", file=sys.stderr)
        return fault.code
    except KeyboardInterrupt:
        print("cnnstudio: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _forget_output()  # whoever read it has gone, as `head` does
        return 0
    except MemoryError:
        print("cnnstudio: this needs more memory than there is: make the network or the batch smaller", file=sys.stderr)
        return BAD_INPUT
    except OSError as error:
        if error.filename is not None:
            raise
        print(f"cnnstudio: the output cannot be written: {reason(error)}", file=sys.stderr)
        _forget_output()
        return BAD_INPUT
    return code


def _forget_output() -> None:
    """Let what is still to be written go nowhere: Python would complain once more while it shuts down."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(arguments: Sequence[str]) -> int:
    command = COMMANDS.get(arguments[0]) if arguments else None
    if command is None:
        mistyped = arguments and not arguments[0].startswith("-") and not exists(Path(arguments[0]))
        command, rest = window_command(COMMANDS), arguments[:1] if mistyped else arguments  # its name is what is wrong
    else:
        rest = arguments[1:]
    parser = Parser(prog=command.prog, description=command.description, epilog=command.epilog)
    command.add_arguments(parser)
    try:
        options = parser.parse_args(rest)
    except SystemExit as done:  # argparse's way to end after --help and --version
        return int(done.code or 0)
    return command.run(options)
