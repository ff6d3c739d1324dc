"""`cnnstudio train`: train a network without a screen, and write it down."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic

from cnnstudio.cli import learning
from cnnstudio.cli.interruption import noting_ctrl_c
from cnnstudio.cli.parsing import (
    DIVERGED,
    INTERRUPTED,
    Command,
    Fault,
    check_output,
    compiled,
    counted,
    listed,
    load_network,
    network_argument,
)
from cnnstudio.cli.pictures import load_data
from cnnstudio.cli.progress import Progress
from cnnstudio.data import DATASETS, Dataset
from cnnstudio.engine import (
    EngineError,
    EpochDone,
    Evaluating,
    IterationDone,
    Network,
    RunDone,
    RunFailed,
    RunStarted,
    TrainingConfig,
    TrainingControl,
    TrainingEvent,
    initialize,
    train,
)
from cnnstudio.explain.reports.tables import Table, plain
from cnnstudio.explain.text import duration_text, percent_text
from cnnstudio.graph import Report, analyze
from cnnstudio.project import DataChoice, Project, ProjectError, save_project
from cnnstudio.session import History, fitting
from cnnstudio.session.recipes import recommended_config


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    network_argument(parser)
    data = parser.add_argument_group("data")
    data.add_argument(
        "--data",
        metavar="NAME|PATH",
        help=f"{listed(DATASETS)}, or a folder, zip or IDX file; the project's own, or what the preset is for",
    )
    data.add_argument("--validation", type=float, metavar="SHARE", help="share held out for validation (default: 0.1)")
    data.add_argument("--size", type=_size, metavar="N|HxW", help="bring the pictures to this many pixels")
    data.add_argument("--mode", choices=("grey", "rgb"), help="bring the pictures to grey or to colour")

    learning.add_arguments(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help="write a .cnnstudio project with weights and history")


def _run(options: argparse.Namespace) -> int:
    project = load_network(options.network, "train")
    if options.out is not None:
        check_output(options.out)
        if project.read_only and project.path is not None and options.out.resolve() == project.path.resolve():
            raise Fault(f"{options.out.name} is read-only: {project.read_only_reason} Give --out another name.")
    report = analyze(project.graph)
    fault = fitting.faults(report)
    if fault is not None:
        raise Fault(f"{options.network} cannot be trained: {fault}")
    progress = Progress()
    project.data = _choice(project, options)
    known = fitting.known_set(project.data)
    if known is not None and project.data.size is None and project.data.mode is None:
        _check_fit(project, report, known)  # before it is downloaded
    data = load_data(project.data, progress)
    _check_fit(project, report, data)
    project.training = _config(project, options, len(data.train))
    learning.check_classes(project.training, len(data.classes))
    warnings = (learning.check_length(project.training, options, len(data.train)), learning.idle_line(project.training))
    if options.reset:
        project.weights = None
    if options.init is not None and project.weights is not None:
        raise Fault("--init is for fresh weights, and the project has learned ones; --reset forgets them.")
    network = compiled(project)
    if options.init is not None:
        initialize(network, options.init, project.training.seed)
    extras = learning.extras_line(project.training, options.init)
    headline = (_headline(project, network, data), extras, *warnings)
    run = _Run(network, data, project.training, progress, "\n".join(line for line in headline if line))
    try:
        failure = run.go()
    except KeyboardInterrupt:
        progress.wipe()
        _write(project, run, options.out, progress, "Interrupted. ")
        return INTERRUPTED
    except EngineError as error:
        raise Fault(str(error)) from None
    if failure is not None:
        progress.wipe()
        raise Fault(failure, DIVERGED)
    try:
        _write(project, run, options.out, progress)  # first: a reader of the table may have gone
    finally:
        print(_final_table(run.history))
    return 0


# ---------------------------------------------------------------- what is to be trained, on what, and how


def _choice(project: Project, options: argparse.Namespace) -> DataChoice:
    own = project.data
    given = {name: getattr(options, name) for name in ("validation", "size", "mode", "seed")}
    try:
        if options.data is not None and options.data != own.source:
            own = DataChoice(options.data)
        return replace(own, **{name: value for name, value in given.items() if value is not None})
    except ValueError as error:
        raise Fault(str(error)) from None


def _check_fit(project: Project, report: Report, pictures: fitting.Pictures) -> None:
    """Raises Fault, with the options that would help, when the network cannot learn from these pictures."""
    mismatch = fitting.mismatch(project.graph, report, pictures)
    if mismatch is None:
        return
    resized = fitting.resized_choice(report, project.data)
    if resized is not None and resized.size is not None and fitting.input_shape(report) != pictures.shape:
        height, width = resized.size
        mismatch = f"{mismatch.rstrip('.')} (--size {height}x{width} --mode {resized.mode})."
    raise Fault(mismatch)


def _config(project: Project, options: argparse.Namespace, images: int) -> TrainingConfig:
    own = project.training if project.path is not None else recommended_config(images)
    return learning.configured(own, options, [node.name for node in project.graph.nodes.values()])


def _size(text: str) -> tuple[int, int]:
    parts = text.lower().replace("×", "x").split("x")
    try:
        sides = [int(part) for part in parts]
    except ValueError:
        sides = []
    if len(sides) not in (1, 2) or min(sides) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; it takes a side such as 28, or HEIGHTxWIDTH")
    return sides[0], sides[-1]


# ---------------------------------------------------------------- the run


class _Run:
    """Goes through the events of a training run, shows them, and keeps the history."""

    def __init__(
        self, network: Network, data: Dataset, config: TrainingConfig, progress: Progress, headline: str
    ) -> None:
        self.network = network
        self.history = History()
        self._data = data
        self._config = config
        self._progress = progress
        self._headline = headline

    def go(self) -> str | None:
        """Train to the end; a sentence when the loss is no longer finite. Ctrl-C raises KeyboardInterrupt."""
        control = TrainingControl()
        with noting_ctrl_c(control) as pressed:
            failure = self._follow(train(self.network, self._data, self._config, control))
        if pressed:
            raise KeyboardInterrupt
        return failure

    def _follow(self, events: Iterator[TrainingEvent]) -> str | None:
        began = monotonic()
        total = 0
        for event in events:
            match event:
                case RunStarted():
                    self._progress.note(self._headline)  # not before: the engine has looked at network and data now
                    total = event.epochs * event.iterations_per_epoch
                case IterationDone():
                    self.history.add(event)
                    spent = monotonic() - began
                    left = duration_text(spent / event.iteration * (total - event.iteration))
                    self._progress.show(
                        event.iteration / total,
                        f"epoch {event.epoch} of {self._config.epochs}, loss {event.loss:.4f}, "
                        f"{event.iteration * self._config.batch_size / spent:,.0f} pictures/s, {left} left",
                    )
                case EpochDone():
                    self.history.epochs.append(event)
                    self._progress.note(_epoch_line(event, self._config.epochs))
                case RunDone():
                    self.history.test = event
                case RunFailed():
                    return event.message
                case Evaluating():
                    self._progress.show(len(self.history) / total, f"evaluating on {event.split} pictures")
        self._progress.wipe()
        return None


def _headline(project: Project, network: Network, data: Dataset) -> str:
    config = project.training
    rate = f"{config.optimizer} at {config.learning_rate:g}"
    if config.schedule != "constant":
        rate += f" ({config.schedule.replace('_', '-')} schedule)"
    return (
        f"Training {project.title} ({network.parameter_count:,} parameters) on {len(data.train):,} pictures of "
        f"{data.title}: {counted(config.epochs, 'epoch')}, batches of {config.batch_size}, {rate}, seed {config.seed}"
    )


def _epoch_line(event: EpochDone, epochs: int) -> str:
    line = (
        f"epoch {event.epoch:>{len(str(epochs))}} of {epochs}  "
        f"training loss {event.training_loss:.4f}, {percent_text(event.training_accuracy)} right"
    )
    if event.validation_loss is not None:
        line += f"; validation loss {event.validation_loss:.4f}, {percent_text(event.validation_accuracy)}"
    return line


def _final_table(history: History) -> str:
    rows = tuple(
        (
            str(epoch.epoch),
            f"{epoch.training_loss:.4f}",
            f"{epoch.training_accuracy:.4f}",
            _figure(epoch.validation_loss),
            _figure(epoch.validation_accuracy),
        )
        for epoch in history.epochs
    )
    header = ("Epoch", "Training loss", "Training accuracy", "Validation loss", "Validation accuracy")
    text = plain(Table(header, rows, frozenset(range(5))))
    if history.test is not None and history.test.test_accuracy is not None:
        text += f"\n\nTest loss {_figure(history.test.test_loss)}, test accuracy {history.test.test_accuracy:.4f}"
    return text


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _write(project: Project, run: _Run, out: Path | None, progress: Progress, prefix: str = "") -> None:
    """Save what was learned, if it is wanted."""
    if out is None:
        progress.note(f"{prefix}Nothing was written; --out FILE keeps weights and history.")
        return
    project.keep_state_dict(run.network.state_dict())
    project.history = run.history.record()
    try:
        save_project(project, out)
    except ProjectError as error:
        raise Fault(str(error)) from None
    progress.note(f"{prefix}Wrote {out}")


COMMAND = Command(
    "train",
    "train a network and write it with its weights",
    "Train a network: a bar on a terminal, a line for each epoch, and a table at the end.",
    _add_arguments,
    _run,
    "A project that has weights is trained on from them, unless --reset is given.\n"
    "Ctrl-C ends the run: what was learned so far goes to --out, and the exit code is 130.\n"
    "Exit codes: 0 done, 1 the loss was no longer finite (nothing is written), 2 bad usage or bad input.",
)
