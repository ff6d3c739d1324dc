"""The application without a screen: one project, its drawing, data, training run and picture under inspection.

Everything here is used from one thread. Workers run in the background; `poll`, called by the screen's timer, takes
in their news, and all signals are emitted in that call or in the one that caused them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic

from psygnal import Signal

from cnnstudio.compile import CompileError, check_memory
from cnnstudio.data import DATASETS
from cnnstudio.engine import Network, TrainingConfig
from cnnstudio.graph import Change, Graph, GraphState, Node, Report, analyze, presets
from cnnstudio.graph.commands import Command, ReplaceAll
from cnnstudio.project import (
    UNTITLED,
    DataChoice,
    Project,
    ProjectError,
    Recovery,
    SettingsStore,
    Weights,
    default_settings_folder,
    open_project,
    save_project,
)
from cnnstudio.project.settings import MAX_RECENT
from cnnstudio.session import fitting
from cnnstudio.session.autosave import AutosaveSession
from cnnstudio.session.building import Builder, NetworkBuild
from cnnstudio.session.history import History
from cnnstudio.session.inspection import InspectionSession, Subject
from cnnstudio.session.layer_settings import LayerSettingsKeeper
from cnnstudio.session.messages import Level, Message, SessionError
from cnnstudio.session.profiling import Bench, ProfilingSession
from cnnstudio.session.recipes import recommended_config
from cnnstudio.session.solving import SolvingSession
from cnnstudio.session.source import DataSource, DataState, Load, download_folder, load_choice
from cnnstudio.session.standing import Drawing, Standing
from cnnstudio.session.training import Material, RunState, TrainingSession
from cnnstudio.session.weights import Floats, WeightStore, weight_of

DEFAULT_PRESET = "digits-small"
AT_ONCE = 1_000_000
"""A network of so many parameters is made while the screen waits: in some ten milliseconds."""

Fingerprint = tuple[GraphState, TrainingConfig, DataChoice, int]
"""What decides whether a project differs from its file; the number is the version of its weights."""


class Studio:
    """The root of the session. `close` ends every thread.

    project_changed: another project was opened or begun; everything is new. graph_changed(Change): the drawing was
    edited. report_changed(Report): after each structural edit, at once. network_changed: weights or layers differ.
    modified_changed(bool): whether the project differs from its file. message(Message): a sentence for the user that
    has no other place.
    """

    project_changed = Signal()
    graph_changed = Signal(object)
    report_changed = Signal(object)
    network_changed = Signal()
    modified_changed = Signal(bool)
    config_changed = Signal(object)
    message = Signal(object)

    def __init__(
        self, settings_dir: str | Path | None = None, *, project: Project | None = None, load: Load = load_choice
    ) -> None:
        """Begins with `project`, or with the default preset and its digits.

        settings_dir: where settings and recovery copies lie; None for the user's folder. load: how data is read.
        """
        folder = default_settings_folder() if settings_dir is None else Path(settings_dir)
        self._settings_store = SettingsStore(folder)
        self.settings = self._settings_store.load()
        """What the program remembers from one start to the next; written by `save_settings` and `close`."""
        self._recent_seen = frozenset(self.settings.recent)
        self.autosave = AutosaveSession(self._settings_store.recovery_folder)
        self._store = WeightStore()
        self._keeper = LayerSettingsKeeper()
        self._builder = Builder(self._made)
        self._unsubscribe: Callable[[], None] = lambda: None
        self._modified = False
        project = _new_project(DEFAULT_PRESET) if project is None else project
        self._project: Project = project
        self._config: TrainingConfig = project.training
        self._report: Report = analyze(project.graph)
        self._used_ids: set[str] = set()
        self._adopt(project)
        self.data = DataSource(project.data, load, download_folder(self.settings))
        self.training = TrainingSession(self._material, self._keep, self._weight_of, lambda: self.config)
        self.inspection = InspectionSession(self._subject)
        self.profiling = ProfilingSession(self._on_the_bench)
        self.solving = SolvingSession(lambda: self.graph)
        self.training.adopt(History.of(project.history), Drawing.of(project.graph))
        self._saved: Fingerprint | None = self._fingerprint()
        self._seen = self._saved
        self.data.changed.connect(self._data_changed)
        self._load_or_choose(project.data)

    # -- the project

    @property
    def project(self) -> Project:
        """The project as it stands: what `save` would write."""
        project = self._project
        project.training = self._config
        project.data = self.data.choice
        project.weights = self._store.weights
        # Whoever opens the file takes its curves for those of its drawing.
        own = self.standing is Standing.PRESENT
        project.history = (self.training.history if own else History()).record()
        return project

    @property
    def graph(self) -> Graph:
        return self._project.graph

    @property
    def report(self) -> Report:
        return self._report

    @property
    def title(self) -> str:
        return self._project.path.stem if self._project.path is not None else self._project.title

    @property
    def path(self) -> Path | None:
        """Where the project was opened or saved last; None for one that was never saved."""
        return self._project.path

    @property
    def saved_graph(self) -> Graph | None:
        """The drawing as it was opened, begun or saved last; None where it came from a recovery copy."""
        return None if self._saved is None else Graph.from_state(self._saved[0])

    @property
    def read_only(self) -> bool:
        return self._project.read_only

    @property
    def modified(self) -> bool:
        """Whether the project differs from its file."""
        return self._modified

    @property
    def config(self) -> TrainingConfig:
        """The settings for the next training run; they belong to the project.

        Those of single layers follow the drawing: see `layer_settings`.
        """
        return self._config

    @config.setter
    def config(self, config: TrainingConfig) -> None:
        if config == self._config:
            return
        fresh_weights = config.seed != self._config.seed
        self._config = config
        self.config_changed.emit(config)
        if fresh_weights:
            self._network_replaced()
        self._touch()

    def new(self, preset: str = DEFAULT_PRESET) -> None:
        """Begin another project with a preset and the data that belongs to it. Raises UnknownPresetError."""
        self._replace(_new_project(preset))

    def open(self, path: str | Path) -> None:
        """Open a project file. Raises ProjectError; the present project then stays."""
        project = open_project(path)
        self._replace(project)
        self.settings.remember(Path(path))
        if project.read_only:
            self.message.emit(Message(Level.WARNING, project.read_only_reason))

    def save(self, path: str | Path | None = None) -> None:
        """Write the project to `path`, or to where it came from.

        Raises:
            SessionError: it has no file yet. ProjectError: it cannot be written; an old file stands.
        """
        target = self.path if path is None else Path(path)
        if target is None:
            raise SessionError("This project has no file yet: choose where to save it.")
        save_project(self.project, target)
        self._project.path = target
        self._project.read_only, self._project.read_only_reason = False, ""
        self._saved = self._fingerprint()
        self.settings.remember(target)
        self._touch()

    def recover(self, recovery: Recovery) -> None:
        """Open what a crashed session left (see `autosave.recoverable`). Raises ProjectError; the copy stays then."""
        self._replace(self.autosave.restore(recovery), saved=False)

    def save_settings(self) -> None:
        """Write the settings now; what goes wrong is said by `message`.

        Projects that another window has opened meanwhile stay among the recent ones.
        """
        elsewhere = [each for each in self._settings_store.load().recent if each not in self._recent_seen]
        self.settings.recent = list(dict.fromkeys([*self.settings.recent, *elsewhere]))[:MAX_RECENT]
        self._recent_seen |= frozenset(self.settings.recent)
        try:
            self._settings_store.save(self.settings)
        except ProjectError as error:
            self.message.emit(Message(Level.WARNING, str(error)))

    # -- the drawing

    def preset_command(self, name: str) -> Command:
        """The undoable edit that puts a preset in the place of the drawing. Raises UnknownPresetError.

        Its layers get ids that this project has not used yet, so that they begin with fresh weights, and undo
        finds the former layers' weights where they were.
        """
        state = presets.load(name).state
        return ReplaceAll(_renumbered(state, self._used_ids), f"use preset {presets.info(name).title}")

    def use_preset(self, name: str) -> None:
        """Put a preset in the place of the drawing, and choose data that fits it. Raises UnknownPresetError."""
        self.preset_command(name).do(self.graph)
        self.choose_fitting_data()

    # -- the network

    def network(self) -> Network:
        """The drawing as a network, with the weights learned so far where they still fit; not to be changed.

        The same object until drawing or weights change. Raises CompileError for a faulty drawing.
        """
        return self._build().network()

    def _build(self) -> NetworkBuild:
        return self._builder.build(self.graph, self.config.seed, self._store)

    @property
    def trained(self) -> bool:
        """Whether the network has learned weights: some of those at hand fit a layer as it is drawn now."""
        return self._store.fits(self._report)

    @property
    def standing(self) -> Standing:
        """Whether curves and result of the last run, or of the one under way, are of the drawing as it is now."""
        drawing = self.training.drawing
        return Standing.PRESENT if drawing is None else drawing.standing(self.graph)

    def reset_weights(self) -> Callable[[], None]:
        """Forget what was learned, curves included; the call that is returned brings all of it back.

        Both raise SessionError during a training run.
        """
        self._refuse_in_a_run("stop the run before you reset its weights")
        weights, project = self._store.weights, self._project
        past = self.training.forget()
        self._store.clear()
        self._network_replaced()

        def bring_back() -> None:
            self._refuse_in_a_run("stop the run before you bring older weights back")
            if self._project is not project:
                raise SessionError("Another project has been opened; the weights of the former one are gone with it.")
            self.training.recall(past)
            self._store.keep(weights or {})
            self._network_replaced()

        return bring_back

    # -- data and drawing together

    def data_problem(self) -> str | None:
        """Why the network cannot be trained on the data at hand, and what to do; None when it can."""
        match self.data.state:
            case DataState.READY if self.data.dataset is not None:
                return fitting.mismatch(self.graph, self.report, self.data.dataset)
            case DataState.LOADING:
                return f"{self.data.title} is still being loaded."
            case DataState.FAILED:
                return self.data.error
            case _ if self.data.needs_download and (mismatch := self._mismatch_before_download()) is not None:
                return mismatch
            case _ if self.data.needs_download:
                return f"{self.data.title} is not on this computer yet: download it, or choose other data."
            case _:
                return "No data is loaded: choose a data set."

    def training_problem(self) -> str | None:
        """Why training cannot start: a fault of the drawing, or `data_problem`; None when it can."""
        return fitting.faults(self.report) or self.data_problem()

    def mending_command(self) -> Command | None:
        """The undoable edit that makes the drawing fit the data, where there is one."""
        data = self.data.dataset
        return None if data is None else fitting.mending(self.graph, self.report, data)

    def resized_choice(self) -> DataChoice | None:
        """The present choice of data with its pictures brought to the network's shape, for `data.load`."""
        return fitting.resized_choice(self.report, self.data.choice)

    def choose_fitting_data(self) -> None:
        """Choose the known data set that the drawing is made for, unless the present one fits; load it if at hand."""
        if self.data.dataset is not None and fitting.input_shape(self.report) == self.data.dataset.shape:
            return
        choice = fitting.known_choice(self.report)
        if choice is not None and choice.source != self.data.choice.source:
            self._load_or_choose(choice)

    # -- the clock

    def poll(self) -> None:
        """Take in the news of all workers; the screen's timer calls this."""
        self.data.poll()
        self.training.poll()
        self.inspection.poll()
        self.profiling.poll()
        self.solving.poll()
        self._builder.poll()
        problem = self.autosave.poll(lambda: self.project)
        if problem is not None:
            self.message.emit(Message(Level.WARNING, problem))

    def close(self, timeout: float = 1.5, *, keep_copy: bool = False) -> bool:
        """End all threads, a training run included, and write the settings.

        The recovery copy goes: whoever closes has saved, or does not want to. With `keep_copy` it is written anew and
        stays, and the next session offers it: for an end that leaves no time to ask. False when a thread did not end
        within `timeout` seconds.
        """
        deadline = monotonic() + timeout
        self._unsubscribe()
        self.data.cancel()
        self.training.stop()
        self.profiling.cancel()  # it ends while the others are waited for
        closed = [self.training.close(max(0.0, deadline - monotonic()))]
        # What must not be lost comes before what only takes time: a large network that is being made takes all of it.
        try:
            kept = self.project if keep_copy and self.modified else None
            closed.append(self.autosave.close(max(0.0, deadline - monotonic()), kept))
        except ProjectError as error:
            self.message.emit(Message(Level.WARNING, str(error)))
        self.save_settings()
        parts = (self.inspection, self.profiling, self.solving, self.data, self._builder)
        closed += [part.close(max(0.0, deadline - monotonic())) for part in parts]
        return all(closed)

    # -- inside

    def _adopt(self, project: Project) -> None:
        self._unsubscribe()
        self._project = project
        self._config = project.training
        self._store.begin(project.graph, project.weights)
        self._keeper.begin(project.graph)
        self._used_ids = set(project.graph.nodes)
        self._unsubscribe = project.graph.subscribe(self._graph_edited)
        self._report = analyze(project.graph)
        self._builder.renew()

    def _replace(self, project: Project, *, saved: bool = True) -> None:
        """Go on with another project. Unless `saved`, it differs from its file whatever is done to it."""
        self.training.abandon()
        self.inspection.clear()
        self.profiling.clear()
        self.solving.clear()
        self._adopt(project)
        self.training.adopt(History.of(project.history), Drawing.of(project.graph))
        # Before anybody is told of the new data: it is part of this project, not a change to the former one.
        self._saved = (self.graph.state, self._config, project.data, self._store.version) if saved else None
        self._load_or_choose(project.data)
        self.project_changed.emit()
        self.report_changed.emit(self._report)
        self.config_changed.emit(self._config)
        self.network_changed.emit()
        self._touch()

    def _load_or_choose(self, choice: DataChoice) -> None:
        if choice == self.data.choice and self.data.state is DataState.READY:
            return
        if self.data.at_hand(choice):
            self.data.load(choice)
        else:
            self.data.choose(choice)

    def _graph_edited(self, change: Change) -> None:
        self._used_ids |= change.added
        self._store.follow(self.graph, change)
        former_config, self._config = self._config, self._keeper.follow(self.graph, change, self._config)
        if change.structural:
            self._report = analyze(self.graph)
        self.graph_changed.emit(change)
        if change.structural:
            self.report_changed.emit(self._report)
            if self._config is not former_config:
                self.config_changed.emit(self._config)
            self._network_replaced()
        else:
            self._touch()

    def _network_replaced(self) -> None:
        self._builder.renew()
        self.training.weights_replaced()
        self.network_changed.emit()
        self.inspection.refresh()
        self._touch()

    def _data_changed(self) -> None:
        if self.data.state is DataState.READY:
            self.inspection.refresh()  # the classes have names now
        self._touch()

    def _fingerprint(self) -> Fingerprint:
        return self.graph.state, self._config, self.data.choice, self._store.version

    def _touch(self) -> None:
        """Something may have changed: say so if the project differs from its file now, or no longer does."""
        now = self._fingerprint()
        modified = now != self._saved
        if not modified:
            self.autosave.unneeded()
        elif now != self._seen:
            self.autosave.changed()
        self._seen = now
        if modified is not self._modified:
            self._modified = modified
            self.modified_changed.emit(modified)

    def _mismatch_before_download(self) -> str | None:
        choice = self.data.choice
        known = fitting.known_set(choice)
        if known is None or choice.size is not None or choice.mode is not None:
            return None
        return fitting.mismatch(self.graph, self.report, known)

    # what the parts ask for

    def _material(self, config: TrainingConfig) -> Material:
        problem = self.training_problem()
        data = self.data.dataset
        if problem is not None or data is None:
            raise SessionError(problem or "No data is loaded: choose a data set.")
        self.config = config
        try:
            check_memory(self.report)
        except CompileError as error:  # no fault of the drawing: too large for this computer
            raise SessionError(str(error)) from None
        self._store.learning_begins()
        learning = frozenset(row.name for row in self.report if row.parameters or row.buffers)
        return Material(self._build().copy, learning, data, Drawing.of(self.graph))

    def _keep(self, weights: Weights) -> None:
        self._store.keep(weights)
        self._network_replaced()

    def _refuse_in_a_run(self, remedy: str) -> None:
        if self.training.state.active:
            raise SessionError(f"The network is being trained; {remedy}.")

    def _weight_of(self, node_id: str) -> Floats | None:
        if self.report.errors:
            return None
        build = self._build()
        if build.made is None and self.report.parameters > AT_ONCE:
            self._builder.make_in_background()
            return None
        try:
            return weight_of(build.network(), node_id)
        except CompileError:
            return None

    def _made(self) -> None:
        """A large network is there at last: those who asked for its weights may ask again."""
        self.training.weights_replaced()
        self.network_changed.emit()

    def _subject(self) -> Subject:
        if self.report.errors:
            raise CompileError(self.report.errors)
        data = self.data.dataset
        return Subject(self._build().network, self.report, None if data is None else data.classes)

    def _on_the_bench(self) -> Bench:
        data = self.data.dataset if self.data.state is DataState.READY else None
        computing = self.training.state in (RunState.RUNNING, RunState.STOPPING)
        return Bench(self.graph, self.report, self.config, data, self._build().made, computing)


def _new_project(preset: str) -> Project:
    graph = presets.load(preset)
    choice = fitting.known_choice(analyze(graph)) or DataChoice()
    config = recommended_config(DATASETS[choice.source].train)
    return Project(graph=graph, title=UNTITLED, data=choice, training=config)


def _renumbered(state: GraphState, used: set[str]) -> GraphState:
    """The same drawing with other ids where an id has been used before."""
    taken = used | {node.id for node in state.nodes}
    ids: dict[str, str] = {}
    for node in state.nodes:
        ids[node.id] = node.id
        if node.id in used:
            ids[node.id] = _free_id(node.kind, taken)
            taken.add(ids[node.id])
    nodes = tuple(Node(ids[node.id], node.kind, node.name, node.params, node.position) for node in state.nodes)
    inputs = tuple(tuple(None if each is None else ids[each] for each in sources) for sources in state.inputs)
    return GraphState(nodes, inputs)


def _free_id(kind: str, taken: set[str]) -> str:
    number = 1
    while f"{kind.lower()}_{number}" in taken:
        number += 1
    return f"{kind.lower()}_{number}"
