"""`cnnstudio inspect`: what every layer makes of one picture, on one sheet."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cnnstudio.cli.maps import draw_sheet
from cnnstudio.cli.parsing import Command, Fault, check_output, compiled, load_network, network_argument
from cnnstudio.data import DataError, fit_picture, is_dark_on_light, load_picture
from cnnstudio.data.errors import quoted
from cnnstudio.data.pictures import FITS
from cnnstudio.engine import EngineError
from cnnstudio.explain import Inspection, inspect_picture
from cnnstudio.explain.reports.tables import Table, plain
from cnnstudio.explain.text import percent_text, value_text
from cnnstudio.graph import analyze
from cnnstudio.project import Project
from cnnstudio.session import fitting

_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")
_MOST_SCORES = 10


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    network_argument(parser, "PROJECT")
    parser.add_argument("image", type=Path, metavar="IMAGE", help="PNG, JPEG, GIF, BMP, WebP, TIFF or PPM, of any size")
    parser.add_argument("--out", type=Path, required=True, metavar="maps.png", help="where to write the sheet")
    parser.add_argument(
        "--fit",
        choices=FITS,
        default="contain",
        help="how the picture is brought to the network's size: all of it, its centre, or out of shape",
    )
    parser.add_argument("--invert", action="store_true", help="exchange light and dark, for ink on paper")


def _run(options: argparse.Namespace) -> int:
    out: Path = options.out
    if out.suffix.lower() not in _SUFFIXES:
        raise Fault(f"{quoted(out)} ends in no kind of picture; --out takes one of {', '.join(_SUFFIXES)}.")
    check_output(out)
    project = load_network(options.network, "inspect")
    report = analyze(project.graph)
    fault = fitting.faults(report)
    if fault is not None:
        raise Fault(f"{options.network} cannot be computed: {fault}")
    shape = fitting.input_shape(report)
    if shape is None or len(shape) != 3:
        raise Fault("The network takes a vector, not a picture; there is nothing to inspect.")
    try:
        original = load_picture(options.image)
        picture = fit_picture(original, (shape[0], shape[1], shape[2]), options.fit, invert=options.invert)
        network = compiled(project)
        inspection = inspect_picture(network, report, picture, _classes(project))
    except (DataError, EngineError) as error:
        raise Fault(str(error)) from None
    except MemoryError:
        raise Fault(f"The layers of {quoted(options.image)} do not fit into memory.") from None
    sheet = draw_sheet(f"{project.title}: {options.image.name}", project.graph, report, inspection)
    try:
        sheet.save(out)
    except OSError as error:
        raise Fault(f"{quoted(out)} cannot be written: {error.strerror or error}.") from None
    print(_scores(inspection))
    if project.weights is None:
        print("note: the network is untrained; its scores mean nothing yet.", file=sys.stderr)
    if not options.invert and shape[0] == 1 and is_dark_on_light(original):
        print("note: this looks like dark ink on light paper; --invert exchanges light and dark.", file=sys.stderr)
    print(f"Wrote {out}", file=sys.stderr)
    return 0


def _classes(project: Project) -> tuple[str, ...] | None:
    """The names that the project's data gives its classes, where that is known without reading it."""
    known = fitting.known_set(project.data)
    return known.classes if known else None


def _scores(inspection: Inspection) -> str:
    if inspection.predicted is None:
        return "The network gives no scores for this picture."
    rows = tuple(
        (
            inspection.classes[index],
            percent_text(float(inspection.probabilities[index])),
            value_text(float(inspection.scores[index])),
        )
        for index in inspection.ranking[:_MOST_SCORES]
    )
    return plain(Table(("Class", "Probability", "Score"), rows, frozenset({1, 2})))


COMMAND = Command(
    "inspect",
    "draw what every layer makes of a picture",
    "Draw what every layer of a network makes of a picture: names, shapes, maps and their scale, and the scores.",
    _add_arguments,
    _run,
    "Each layer has a scale of its own, even about zero: blue below, orange above. A preset has fresh weights.",
)
