"""`cnnstudio analyze`: shapes, parameters, multiply-adds, memory and receptive fields of a network."""

from __future__ import annotations

import argparse

from cnnstudio.cli.delivery import check_delivery, chosen_format, deliver, delivery_arguments
from cnnstudio.cli.parsing import Command, Fault, load_network, network_argument
from cnnstudio.explain.reports import render
from cnnstudio.graph import Report, analyze


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    network_argument(parser)
    delivery_arguments(parser)


def _run(options: argparse.Namespace) -> int:
    project = load_network(options.network)
    check_delivery(options.out, [options.network])
    report = analyze(project.graph)
    deliver(render(project.graph, chosen_format(options), title=project.title, report=report), options.out)
    _say(report)
    return 0


def _say(report: Report) -> None:
    """A network with faults was analysed as far as it goes; that it has them is the result."""
    if report.errors:
        more = len(report.errors) - 1
        raise Fault(report.errors[0].message + (f" ({more} more: the report has all)" if more else ""))


COMMAND = Command(
    "analyze",
    "shapes, parameters, multiply-adds, memory and receptive fields of a network",
    "Print what follows from a network's drawing, layer by layer, for one picture.",
    _add_arguments,
    _run,
    "Examples:\n"
    "  cnnstudio analyze lenet5-caffe\n"
    "  cnnstudio analyze mine.cnnstudio --out mine.svg        a diagram\n"
    "  cnnstudio analyze mine.cnnstudio --format csv > mine.csv\n"
    "\n"
    "MACs count the multiplies of convolution and Linear layers for one image; memory is that of the layer's output\n"
    "in float32; the receptive field, its stride and its padding are in pixels of the input. The table ends with what\n"
    "is counted. CSV has a line for each layer and no totals; an apostrophe keeps a name from becoming a formula.\n"
    "JSON has a version, and names as in Python.\n"
    "A network with a fault is analysed as far as it goes; the fault is named on stderr, and the exit code is 2.",
)
