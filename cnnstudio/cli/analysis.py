"""`cnnstudio analyze`: shapes, parameters, multiply-adds, memory and receptive fields of a network."""

from __future__ import annotations

import argparse
from difflib import get_close_matches

from cnnstudio.cli.delivery import check_delivery, chosen_format, deliver, delivery_arguments
from cnnstudio.cli.parsing import Command, Fault, listed, load_network, network_argument, whole_number
from cnnstudio.data.errors import quoted
from cnnstudio.engine import OPTIMIZERS
from cnnstudio.explain.reports import WITH_MEMORY, reasons, render
from cnnstudio.graph import Graph, Report, analyze, memory


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    network_argument(parser)
    delivery_arguments(parser)
    parser.add_argument(
        "--batch", type=whole_number(1), metavar="N", help="add what it takes to run and to train batches of N images"
    )
    parser.add_argument("--optimizer", choices=OPTIMIZERS, help="for --batch: what it remembers counts (default: sgd)")
    parser.add_argument("--why", metavar="LAYER", help="instead of the report, how each figure of a layer comes about")


def _run(options: argparse.Namespace) -> int:
    project = load_network(options.network, "analyze")
    check_delivery(options.out, [options.network])
    form = chosen_format(options)
    if options.why is not None and form != "table":
        raise Fault("--why is a text of its own; --format json has the formulas of all layers.")
    if options.batch is not None and (form not in WITH_MEMORY or options.why is not None):
        raise Fault(f"--batch adds to a report as {listed(WITH_MEMORY)}; leave it out here.")
    if options.optimizer is not None and options.batch is None:
        raise Fault("--optimizer says what a training step remembers; give its --batch as well.")
    report = analyze(project.graph)
    if options.why is not None:
        text = reasons(project.graph, report, _layer(project.graph, options.why))
    else:
        taken = None if options.batch is None else memory(project.graph, options.batch, options.optimizer or "sgd")
        text = render(project.graph, form, title=project.title, report=report, memory=taken)
    deliver(text, options.out)
    _say(report)
    return 0


def _layer(graph: Graph, name: str) -> str:
    """The id of the layer of that name. Raises Fault, with the nearest names."""
    names = {node.name: node.id for node in graph.nodes.values()}
    if name in names:
        return names[name]
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    raise Fault(f"There is no layer {quoted(name)} in the network." + (f" Nearest: {', '.join(near)}." if near else ""))


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
    "  cnnstudio analyze mine.cnnstudio --why conv2           the formula of each of its figures\n"
    "  cnnstudio analyze resnet18 --batch 64 --optimizer adam  the memory of a training step\n"
    "\n"
    "MACs count the multiplies of convolution and Linear layers for one image; memory is that of the layer's output\n"
    "in float32; the receptive field, its stride and its padding are in pixels of the input. The table ends with what\n"
    "is counted. CSV has a line for each layer and no totals; an apostrophe keeps a name from becoming a formula.\n"
    "JSON has a version, and names as in Python.\n"
    "A network with a fault is analysed as far as it goes; the fault is named on stderr, and the exit code is 2.",
)
