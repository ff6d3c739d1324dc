"""Connecting layers without a mouse."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from cnnstudio.graph.commands import Connect
from cnnstudio.gui.canvas.board import Board
from cnnstudio.gui.canvas.card import Aim
from cnnstudio.gui.canvas.wire import PreviewWire
from cnnstudio.gui.canvas.wiring import landing


class ConnectByKeys:
    """Connecting by keyboard: arrows choose the target, Enter draws the wire, Escape leaves it."""

    def __init__(self, board: Board, source: str) -> None:
        self._board, self._source = board, source
        scene = board.mirror
        self._preview = PreviewWire(scene.style_now)
        scene.addItem(self._preview)
        self._target = ""
        self._candidates = self._targets()
        if self._candidates:
            self._choose(self._first())

    @property
    def possible(self) -> bool:
        return bool(self._candidates)

    @property
    def target(self) -> str:
        """Id of the card that Enter would connect to."""
        return self._target

    def step(self, direction: tuple[int, int]) -> None:
        """To the next card that can take the wire, from top to bottom."""
        order = self._candidates
        forward = direction in ((0, 1), (1, 0))
        self._choose(order[(order.index(self._target) + (1 if forward else -1)) % len(order)])

    def finish(self) -> bool:
        self.cancel()
        return self._board.run(Connect(self._source, self._target))

    def cancel(self) -> None:
        scene = self._board.mirror
        if self._target in scene.cards:
            scene.cards[self._target].set_aim(Aim.NONE)
        if self._preview.scene() is not None:
            scene.removeItem(self._preview)
        self._board.hint("")

    def _targets(self) -> list[str]:
        scene = self._board.mirror
        able = [
            node_id
            for node_id in scene.cards
            if landing(scene.graph, self._source, node_id, None, node_id).link is not None
        ]
        return sorted(able, key=lambda each: (scene.cards[each].corner[1], scene.cards[each].corner[0]))

    def _first(self) -> str:
        """A card whose input is still free, else the nearest below."""
        scene = self._board.mirror
        x, y = scene.cards[self._source].corner

        def rank(node_id: str) -> tuple[bool, float]:
            left, top = scene.cards[node_id].corner
            return None not in scene.graph.inputs_of(node_id), abs(left - x) + abs(top - y)

        return min(self._candidates, key=rank)

    def _choose(self, target: str) -> None:
        scene = self._board.mirror
        if self._target in scene.cards:
            scene.cards[self._target].set_aim(Aim.NONE)
        self._target = target
        found = landing(scene.graph, self._source, target, None, target)
        assert found.link is not None
        scene.cards[target].set_aim(Aim.TAKES, found.link.port)
        self._preview.stretch_along(scene.way(found.link, []))
        names = {"source": scene.graph.node(self._source).name, "target": scene.graph.node(target).name}
        text = QCoreApplication.translate(
            "Canvas", "Connect {source} to {target}: Enter. Arrow keys choose another, Escape leaves it."
        )
        self._board.hint(text.format(**names))
        self._board.reveal(scene.cards[target].sceneBoundingRect().center())
