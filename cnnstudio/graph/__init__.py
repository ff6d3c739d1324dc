"""The network as a drawing: what is drawn, what follows from it, and how it is edited. Standard library only.

Example:
    graph = Graph()
    image = graph.add("Input", shape=(1, 28, 28))
    conv = graph.add("Conv2d", image, out_channels=20, kernel_size=5, padding=2)
    analyze(graph)[conv].output_shape  # (20, 28, 28)
"""

from __future__ import annotations

from cnnstudio.graph import presets
from cnnstudio.graph.analysis import analyze
from cnnstudio.graph.block_commands import AddBlock, AppendBlock, InsertBlock
from cnnstudio.graph.blocks import BLOCKS, Block, block
from cnnstudio.graph.catalogue import CATALOGUE, families, spec_of
from cnnstudio.graph.comparison import Comparison, Difference, Pair, Total, compare
from cnnstudio.graph.document import Change, Graph, GraphState, Link, Node
from cnnstudio.graph.errors import (
    CycleError,
    GraphError,
    NameTakenError,
    ParameterError,
    PortError,
    RankError,
    ShapeError,
    UnknownKindError,
    UnknownNodeError,
)
from cnnstudio.graph.memory import Memory, MemoryRow, memory
from cnnstudio.graph.receptive import ReceptiveField
from cnnstudio.graph.regions import reach, region
from cnnstudio.graph.report import Fix, Problem, ProblemCode, Report, Row, Severity
from cnnstudio.graph.solving import Answer, Wanted, no_answer, solve
from cnnstudio.graph.workings import Working, why, workings

__all__ = [
    "BLOCKS",
    "CATALOGUE",
    "AddBlock",
    "Answer",
    "AppendBlock",
    "Block",
    "Change",
    "Comparison",
    "CycleError",
    "Difference",
    "Fix",
    "Graph",
    "GraphError",
    "GraphState",
    "InsertBlock",
    "Link",
    "Memory",
    "MemoryRow",
    "NameTakenError",
    "Node",
    "Pair",
    "ParameterError",
    "PortError",
    "Problem",
    "ProblemCode",
    "RankError",
    "ReceptiveField",
    "Report",
    "Row",
    "Severity",
    "ShapeError",
    "Total",
    "UnknownKindError",
    "UnknownNodeError",
    "Wanted",
    "Working",
    "analyze",
    "block",
    "compare",
    "families",
    "memory",
    "no_answer",
    "presets",
    "reach",
    "region",
    "solve",
    "spec_of",
    "why",
    "workings",
]
