"""Edits, undo, redo, saving and opening at random: the document stays equal, whatever the order."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cnnstudio.graph import (
    BLOCKS,
    CATALOGUE,
    AddBlock,
    AppendBlock,
    Change,
    Graph,
    GraphError,
    GraphState,
    InsertBlock,
    analyze,
    presets,
    spec_of,
)
from cnnstudio.graph.commands import (
    AddNode,
    AppendAfter,
    Command,
    Connect,
    Disconnect,
    Group,
    InsertOnLink,
    Move,
    RemoveNodes,
    Rename,
    ReplaceAll,
    SetParams,
)
from cnnstudio.project import Project, open_project, save_project

KINDS = st.sampled_from(sorted(CATALOGUE))
BLOCK_NAMES = st.sampled_from(sorted(BLOCKS))
PRESETS = st.sampled_from([name for name in presets.names() if presets.info(name).cards < 80])
PICK = st.integers(0, 10**6)
COORDINATE = st.integers(-2000, 2000).map(float)
CHANGES = [
    ("Conv2d", {"out_channels": 7}),
    ("Conv2d", {"kernel_size": (3, 5), "padding": "same"}),
    ("Conv2d", {"stride": 0}),
    ("Linear", {"out_features": 3}),
    ("MaxPool2d", {"stride": 1}),
    ("Dropout", {"p": 1.5}),
    ("Input", {"shape": (3, 16, 16)}),
]


class Studio(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.done: list[Command] = []
        self.undone: list[Command] = []
        self.states: list[GraphState] = []
        """The state after each command on `done`, behind the one before all of them."""
        self.heard: list[Change] = []
        self.graph = Graph()

    @initialize(name=st.just("") | PRESETS)
    def begin(self, name: str) -> None:
        self.graph = presets.load(name) if name else Graph()
        self.graph.subscribe(self.heard.append)
        self.states = [self.graph.state]

    def teardown(self) -> None:
        self.folder.cleanup()

    def edit(self, command: Command) -> None:
        before = self.graph.state
        self.heard.clear()
        try:
            command.do(self.graph)
            refused = False
        except GraphError:
            refused = True
        if refused:
            assert self.graph.state == before, "a command that is refused leaves the graph as it was"
            assert self.heard == []
            return
        assert len(self.heard) == (self.graph.state != before), "one command is one notification"
        assert command.text
        self.done.append(command)
        self.undone.clear()
        self.states = [*self.states[: len(self.done)], self.graph.state]

    def node(self, pick: int) -> str:
        return list(self.graph.nodes)[pick % len(self.graph)]

    # -- edits

    @rule(kind=KINDS, x=COORDINATE, y=COORDINATE)
    def add(self, kind: str, x: float, y: float) -> None:
        self.edit(AddNode(kind, spec_of(kind).first_params(), (x, y)))

    @precondition(lambda self: len(self.graph))
    @rule(kind=KINDS, pick=PICK)
    def append(self, kind: str, pick: int) -> None:
        self.edit(AppendAfter(self.node(pick), kind, spec_of(kind).first_params()))

    @rule(name=BLOCK_NAMES, x=COORDINATE, y=COORDINATE)
    def add_block(self, name: str, x: float, y: float) -> None:
        self.edit(AddBlock(name, BLOCKS[name].first_params(), (x, y)))

    @precondition(lambda self: len(self.graph))
    @rule(name=BLOCK_NAMES, pick=PICK)
    def append_block(self, name: str, pick: int) -> None:
        self.edit(AppendBlock(self.node(pick), name, BLOCKS[name].first_params()))

    @precondition(lambda self: self.graph.links())
    @rule(name=BLOCK_NAMES, pick=PICK)
    def insert_block(self, name: str, pick: int) -> None:
        links = self.graph.links()
        self.edit(InsertBlock(links[pick % len(links)], name, BLOCKS[name].first_params()))

    @precondition(lambda self: self.graph.links())
    @rule(kind=KINDS, pick=PICK)
    def insert(self, kind: str, pick: int) -> None:
        links = self.graph.links()
        self.edit(InsertOnLink(links[pick % len(links)], kind, spec_of(kind).first_params()))

    @precondition(lambda self: len(self.graph))
    @rule(picks=st.lists(PICK, min_size=1, max_size=4))
    def remove(self, picks: list[int]) -> None:
        self.edit(RemoveNodes([self.node(pick) for pick in picks]))

    @precondition(lambda self: len(self.graph))
    @rule(source=PICK, sink=PICK, port=st.none() | st.integers(0, 4))
    def connect(self, source: int, sink: int, port: int | None) -> None:
        self.edit(Connect(self.node(source), self.node(sink), port))

    @precondition(lambda self: self.graph.links())
    @rule(picks=st.lists(PICK, min_size=1, max_size=3))
    def disconnect(self, picks: list[int]) -> None:
        links = self.graph.links()
        self.edit(Disconnect(list({links[pick % len(links)] for pick in picks})))

    @precondition(lambda self: len(self.graph))
    @rule(change=st.sampled_from(CHANGES), pick=PICK)
    def set_params(self, change: tuple[str, dict[str, object]], pick: int) -> None:
        kind, params = change
        if nodes := [node.id for node in self.graph.nodes.values() if node.kind == kind]:
            self.edit(SetParams(nodes[pick % len(nodes)], **params))

    @precondition(lambda self: len(self.graph))
    @rule(pick=PICK, name=st.sampled_from(["stem", "头", "conv 1", "conv2d_1", "relu_3", "a.b", ""]))
    def rename(self, pick: int, name: str) -> None:
        self.edit(Rename(self.node(pick), name))

    @precondition(lambda self: len(self.graph))
    @rule(pick=PICK, x=COORDINATE, y=COORDINATE)
    def move(self, pick: int, x: float, y: float) -> None:
        self.edit(Move({self.node(pick): (x, y)}))

    @precondition(lambda self: len(self.graph) > 1)
    @rule(first=PICK, second=PICK)
    def several_at_once(self, first: int, second: int) -> None:
        commands = [Rename(self.node(first), "twice"), RemoveNodes([self.node(second)])]
        self.edit(Group(commands, "rename and delete"))

    @rule(name=PRESETS)
    def choose_preset(self, name: str) -> None:
        self.edit(ReplaceAll(presets.load(name).state, f"use {name}"))

    # -- time, and the disk

    @precondition(lambda self: self.done)
    @rule()
    def undo(self) -> None:
        command = self.done.pop()
        command.undo(self.graph)
        self.undone.append(command)
        assert self.graph.state == self.states[len(self.done)]

    @precondition(lambda self: self.undone)
    @rule()
    def redo(self) -> None:
        command = self.undone.pop()
        command.do(self.graph)
        self.done.append(command)
        assert self.graph.state == self.states[len(self.done)]

    @rule()
    def save_and_open(self) -> None:
        path = Path(self.folder.name) / "project.cnnstudio"
        save_project(Project(graph=self.graph), path)
        opened = open_project(path).graph
        assert opened == self.graph
        # Work goes on with what was opened, and the old edits can still be taken back on it.
        self.graph = opened
        self.graph.subscribe(self.heard.append)

    # -- always

    @invariant()
    def is_a_drawing(self) -> None:
        graph = self.graph
        assert len(graph.topological_order()) == len(graph)
        assert len({node.name for node in graph.nodes.values()}) == len(graph)
        assert sorted(graph.links(), key=str) == sorted(
            (link for node_id in graph.nodes for link in graph.links_from(node_id)), key=str
        )

    @invariant()
    def passes_every_check_of_a_file(self) -> None:
        assert Graph.from_state(self.graph.state) == self.graph

    @invariant()
    def can_be_analyzed(self) -> None:
        report = analyze(self.graph)
        assert [row.id for row in report] == list(self.graph.topological_order())
        assert bool(report.errors) or report.complete


Studio.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestStudio = Studio.TestCase
