"""Tooltips of the canvas."""

from __future__ import annotations

from cnnstudio.graph import Link
from cnnstudio.gui.canvas.hits import CardHit, FixHit, Hit, InputHit, NoteHit, OutputHit, WireEndHit, WireHit
from cnnstudio.gui.canvas.scene import CanvasScene
from cnnstudio.gui.theme import shape_text


def tip_of(scene: CanvasScene, hit: Hit) -> str:
    """What the thing under the pointer is; empty where there is nothing to say."""
    match hit:
        case CardHit(node):
            return _card(scene, node)
        case FixHit(node, problem):
            return "\n".join(fix.text for fix in scene.notes[node].fixes(problem))
        case NoteHit(node):
            return scene.notes[node].message
        case WireHit(link) | WireEndHit(link):
            return _wire(scene, link)
        case InputHit(node, port):
            sources = scene.graph.inputs_of(node)
            source = sources[port] if port < len(sources) else None
            return "" if source is None else _wire(scene, Link(source, node, port))
        case OutputHit(node):
            return f"{scene.graph.node(node).name}: {_shape(scene, node)}"
        case _:
            return ""


def _card(scene: CanvasScene, node_id: str) -> str:
    spec, face = scene.graph.spec(node_id), scene.cards[node_id].face
    lines = [f"{face.name} \u00b7 {spec.kind}: {spec.help}"]
    lines.extend(each.message for each in face.problems)
    return "\n".join(lines)


def _wire(scene: CanvasScene, link: Link) -> str:
    names = scene.graph.node(link.source).name, scene.graph.node(link.target).name
    return f"{names[0]} \u2192 {names[1]}: {_shape(scene, link.source)}"


def _shape(scene: CanvasScene, node_id: str) -> str:
    return shape_text(scene.report[node_id].output_shape if node_id in scene.report else None)
