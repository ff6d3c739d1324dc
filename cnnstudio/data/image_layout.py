"""Which pictures of a tree belong to which class and split, told from the names of its folders alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from cnnstudio.data.errors import DataError, quoted
from cnnstudio.data.pictures import PICTURE_SUFFIXES
from cnnstudio.data.trees import Tree, TreePath

_SPLITS: Final = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
_ONE_FOLDER_A_CLASS: Final = "one folder a class is expected, each with its pictures, or train/ and test/ holding such"


@dataclass(frozen=True, slots=True)
class Layout:
    """splits: (path, label) of each picture, by "train", "validation" and "test", ordered by class and name.

    classes: names by label, sorted as PyTorch's ImageFolder sorts them. notes: what was left out.
    """

    classes: tuple[str, ...]
    splits: dict[str, list[tuple[TreePath, int]]]
    notes: tuple[str, ...]


def find_layout(tree: Tree) -> Layout:
    """Finds classes and splits. A single folder around everything is passed through.

    Raises DataError for a tree without pictures, with pictures outside of class folders only, with an empty
    class folder, with one class only, or with a class in the test split that training never sees.
    """
    pictures = sorted(parts for parts in tree.files if PurePosixPath(parts[-1]).suffix.lower() in PICTURE_SUFFIXES)
    if not pictures:
        raise _no_pictures(tree)
    root = _root(pictures, tree.folders)
    split_folders = _split_folders(root, tree.folders)
    places = {name: folders for name, folders in split_folders.items() if folders} or {"train": [root]}
    classes = sorted({parts[len(place)] for place in places["train"] for parts in _classified(pictures, place)})
    if not classes:
        raise DataError(
            f"{quoted(tree.label(places['train'][0]))} holds pictures but no class folders: {_ONE_FOLDER_A_CLASS}."
        )
    for folders in places.values():
        _check_folders(tree, pictures, folders, classes)
    if len(classes) < 2:
        raise DataError(
            f"{quoted(tree.path)} holds only one class, {quoted(classes[0])}: a network needs at least two to tell "
            f"apart; {_ONE_FOLDER_A_CLASS}."
        )
    labels = {name: label for label, name in enumerate(classes)}
    splits = {
        name: [(parts, labels[parts[len(place)]]) for place in folders for parts in _classified(pictures, place)]
        for name, folders in places.items()
    }
    left_out = len(tree.files) - sum(len(split) for split in splits.values())
    notes = (f"{left_out:,} files outside of class folders or of other kinds were left out.",) if left_out else ()
    return Layout(tuple(classes), {name: split for name, split in splits.items() if split}, notes)


def _root(pictures: list[TreePath], folders: Iterable[TreePath]) -> TreePath:
    """The folder that holds the class or split folders, within folders with a single folder in them."""
    root: TreePath = ()
    while True:
        depth = len(root)
        children = {parts[depth] for parts in folders if len(parts) > depth and parts[:depth] == root}
        deep_enough = all(len(parts) > depth + 2 for parts in pictures)
        if len(children) != 1 or not deep_enough:
            return root
        root = (*root, children.pop())


def _split_folders(root: TreePath, folders: set[TreePath]) -> dict[str, list[TreePath]]:
    """The folders of each split, where the tree has train and at least one more; else nothing."""
    found: dict[str, list[TreePath]] = {}
    for parts in sorted(folders):
        if parts[:-1] == root and (split := _SPLITS.get(parts[-1].lower())):
            found.setdefault(split, []).append(parts)
    return found if "train" in found and len(found) > 1 else {}


def _classified(pictures: list[TreePath], place: TreePath) -> list[TreePath]:
    """The pictures that lie in a class folder of `place`, at any depth."""
    depth = len(place)
    return [parts for parts in pictures if parts[:depth] == place and len(parts) > depth + 1]


def _check_folders(tree: Tree, pictures: list[TreePath], places: list[TreePath], classes: list[str]) -> None:
    for place in places:
        filled = {parts[len(place)] for parts in _classified(pictures, place)}
        for folder in sorted(tree.folders):
            if folder[:-1] != place:
                continue
            if folder[-1] not in filled:
                raise DataError(
                    f"The class folder {quoted(tree.label(folder))} holds no pictures{_others(tree, folder)}: put "
                    "some in, or remove it."
                )
            if folder[-1] not in classes:
                some = ", ".join(quoted(name, 30) for name in classes[:5]) + (", …" if len(classes) > 5 else "")
                raise DataError(
                    f"The class {quoted(tree.label(folder))} is not among the training classes ({some}): rename or "
                    "remove it."
                )


def _no_pictures(tree: Tree) -> DataError:
    return DataError(f"{quoted(tree.path)} holds no pictures{_others(tree, ())}: {_ONE_FOLDER_A_CLASS}.")


def _others(tree: Tree, folder: TreePath) -> str:
    inside = sorted(parts for parts in tree.files if parts[: len(folder)] == folder)
    if not inside:
        return ""
    others = "another file" if len(inside) == 1 else f"{len(inside):,} other files, such as"
    return f" that can be read (only {others} {quoted(inside[0][-1], 60)})"
