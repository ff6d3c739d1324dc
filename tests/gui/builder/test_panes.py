"""What the workspace remembers of its panes."""

from __future__ import annotations

from cnnstudio.gui.builder import create_builder


def test_sizes_that_nobody_has_seen_are_not_remembered(bench, qtbot) -> None:
    """A session that never showed this workspace would else squeeze its panes in the next one."""
    unseen = create_builder(bench.studio, bench.editor, bench.theme, bench.actions)
    qtbot.addWidget(unseen)
    unseen.restore_state({"build.columns": [240, 640, 344]})
    assert unseen.save_state() == {}
