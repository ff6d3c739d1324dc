"""`cnnstudio compare`: two networks side by side."""

from __future__ import annotations

import argparse

from cnnstudio.cli.delivery import check_delivery, chosen_format, deliver, delivery_arguments
from cnnstudio.cli.parsing import Command, Fault, load_network, network_argument, one_line
from cnnstudio.data.errors import quoted
from cnnstudio.explain.reports.comparing import COMPARISON_FORMATS, render_comparison
from cnnstudio.graph import analyze, compare


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    network_argument(parser)
    other = "the network to compare it with, likewise"
    parser.add_argument("other", nargs="?", metavar="PRESET|PROJECT", help=other)
    parser.add_argument("--differences", action="store_true", help="leave out the layers that are the same in both")
    delivery_arguments(parser, COMPARISON_FORMATS)
    parser.usage = "cnnstudio compare [options] PRESET|PROJECT PRESET|PROJECT"


def _run(options: argparse.Namespace) -> int:
    if options.other is None:  # argparse would only say that a PRESET|PROJECT is required, and one is given
        raise Fault(
            f"A second network is missing: say what to compare {quoted(options.network)} with, as in "
            "'cnnstudio compare resnet18 resnet34'; see 'cnnstudio compare --help'"
        )
    sources = (options.network, options.other)
    first, second = (load_network(each, "compare") for each in sources)
    check_delivery(options.out, sources)
    form = chosen_format(options, COMPARISON_FORMATS)
    titles = (first.title, second.title) if first.title != second.title else sources
    names = one_line(titles[0]), one_line(titles[1])
    found = compare(first.graph, second.graph, names)
    deliver(render_comparison(found, form, names, only_differences=options.differences), options.out)
    for name, project in zip(sources, (first, second), strict=True):
        errors = analyze(project.graph).errors
        if errors:
            raise Fault(f"{name}: {errors[0].message}")
    return 0


COMMAND = Command(
    "compare",
    "two networks side by side: which layer is which, and what differs",
    "Pair the layers of two networks and print what differs, layer by layer and in total.",
    _add_arguments,
    _run,
    "Examples:\n"
    "  cnnstudio compare lenet5-caffe lenet5-cs231n\n"
    "  cnnstudio compare resnet18 mine.cnnstudio --differences\n"
    "  cnnstudio compare before.cnnstudio after.cnnstudio --out changes.md\n"
    "\n"
    "Networks with faults are compared as far as they go; the first fault is named on stderr, and the exit code is 2.",
)
