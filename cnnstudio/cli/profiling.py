"""`cnnstudio profile`: where the time of a network goes, layer by layer."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.cli.delivery import check_delivery, chosen_format, deliver, delivery_arguments
from cnnstudio.cli.interruption import noting_ctrl_c
from cnnstudio.cli.parsing import (
    Command,
    Fault,
    compiled,
    counted,
    listed,
    load_network,
    network_argument,
    whole_number,
)
from cnnstudio.cli.pictures import load_data
from cnnstudio.cli.progress import Progress
from cnnstudio.data import DATASETS
from cnnstudio.engine import EngineError, Interrupted, ProfileControl, profile
from cnnstudio.explain.reports.timing import PROFILE_FORMATS, render_profile
from cnnstudio.graph import Report, analyze
from cnnstudio.project import DataChoice
from cnnstudio.session import fitting

BATCH = 32
REPEATS = 5


class _Watched(ProfileControl):
    """Shows how far the profile is, each time it asks whether to go on."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress

    def checkpoint(self) -> None:
        super().checkpoint()
        if self.total:
            self._progress.show(self.done / self.total, "measuring")


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    network_argument(parser)
    parser.add_argument(
        "--batch", type=whole_number(1), default=BATCH, metavar="N", help=f"images in the batch (default: {BATCH})"
    )
    parser.add_argument(
        "--repeats",
        type=whole_number(1),
        default=REPEATS,
        metavar="N",
        help=f"passes of which the median counts (default: {REPEATS})",
    )
    parser.add_argument(
        "--data",
        metavar="NAME|PATH",
        help=f"measure with the first pictures of {listed((*DATASETS, 'a path'))}, brought to the network's size "
        "(default: noise)",
    )
    delivery_arguments(parser, PROFILE_FORMATS)


def _run(options: argparse.Namespace) -> int:
    project = load_network(options.network, "profile")
    check_delivery(options.out, [options.network])
    form = chosen_format(options, PROFILE_FORMATS)
    report = analyze(project.graph)
    fault = fitting.faults(report)
    if fault is not None:
        raise Fault(f"{options.network} cannot be computed: {fault}")
    progress = Progress()
    images = _images(options, report, progress)
    network = compiled(project)
    size = f"{network.parameter_count:,} parameters"
    work = f"{_passes(options.repeats)} of {counted(len(images), 'image')}"
    progress.note(f"Measuring {project.title} ({size}): {work}")
    control = _Watched(progress)
    with noting_ctrl_c(control):
        try:
            found = profile(network, images, repeats=options.repeats, control=control)
        except Interrupted:
            raise KeyboardInterrupt from None
        except EngineError as error:
            raise Fault(str(error)) from None
        finally:
            progress.wipe()
    deliver(render_profile(found, form, title=project.title, repeats=options.repeats), options.out)
    return 0


def _passes(count: int) -> str:
    return "1 pass" if count == 1 else f"{count:,} passes"


def _images(options: argparse.Namespace, report: Report, progress: Progress) -> NDArray[Any]:
    """The batch (N, C, H, W) or (N, F): pictures of --data, or noise. Raises Fault where --data has none that fit."""
    shape = fitting.input_shape(report)
    if shape is None:
        raise Fault("The network has no input to measure it with.")
    if options.data is None:
        return np.random.default_rng(0).random((options.batch, *shape), dtype=np.float32)
    known = fitting.known_set(DataChoice(options.data))
    choice: DataChoice | None = DataChoice(options.data)
    if known is None or known.shape != shape:
        choice = fitting.resized_choice(report, DataChoice(options.data))
    if choice is None:
        raise Fault("No pictures have the shape that the network takes; leave --data out to measure it with noise.")
    return load_data(choice, progress).train.images[: options.batch]


COMMAND = Command(
    "profile",
    "where the time of a network goes, layer by layer",
    "Measure milliseconds and bytes of each layer, forward and backward, for one batch in training mode.",
    _add_arguments,
    _run,
    "Examples:\n"
    "  cnnstudio profile notes-cifar10\n"
    "  cnnstudio profile mine.cnnstudio --batch 64 --repeats 20 --out times.csv\n"
    "  cnnstudio profile digits-small --data digits\n"
    "\n"
    "The line below the table names the layer that is out of proportion to its multiply-adds and its memory traffic.\n"
    "Times depend on the computer and on what else it does. Ctrl-C ends the command with exit code 130.",
)
