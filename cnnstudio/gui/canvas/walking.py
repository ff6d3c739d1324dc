"""Going from card to card with the arrow keys."""

from __future__ import annotations

from PySide6.QtCore import Qt

from cnnstudio.gui.canvas.scene import CanvasScene

Direction = tuple[int, int]
ARROWS = {
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
}


def step_from(scene: CanvasScene, node_id: str | None, direction: Direction) -> str | None:
    """The card to go to: up and down along the wires, else to the nearest card in that direction."""
    if node_id is None or node_id not in scene.cards:
        order = scene.graph.topological_order()
        return None if not order else order[0 if direction in ((0, 1), (1, 0)) else -1]
    if direction == (0, 1):
        neighbours = [link.target for link in scene.graph.links_from(node_id)]
    elif direction == (0, -1):
        neighbours = [each for each in scene.graph.inputs_of(node_id) if each is not None]
    else:
        neighbours = []
    if neighbours:
        # The trunk goes first: the neighbour that stands nearest to straight above or below.
        here = scene.cards[node_id].corner
        return min(neighbours, key=lambda each: abs(scene.cards[each].corner[0] - here[0]))
    return _nearest(scene, node_id, direction)


def _nearest(scene: CanvasScene, node_id: str, direction: Direction) -> str | None:
    x, y = scene.cards[node_id].corner
    best: tuple[float, str] | None = None
    for each, card in scene.cards.items():
        dx, dy = card.corner[0] - x, card.corner[1] - y
        ahead = dx * direction[0] + dy * direction[1]
        aside = abs(dx * direction[1]) + abs(dy * direction[0])
        if each != node_id and ahead > 8 and aside <= 3 * ahead:
            distance = ahead + 2 * aside
            if best is None or distance < best[0]:
                best = (distance, each)
    return None if best is None else best[1]
