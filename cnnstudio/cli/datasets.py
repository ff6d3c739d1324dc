"""`cnnstudio data`: which data sets are known by name, and fetching them."""

from __future__ import annotations

import argparse

from cnnstudio.cli.parsing import Command, Fault
from cnnstudio.cli.progress import Progress, Transfer
from cnnstudio.data import DATASETS, DataError, DatasetInfo, cache_folder, download, is_available
from cnnstudio.explain.reports.tables import Table, plain
from cnnstudio.explain.text import bytes_text, count_text, shape_text
from cnnstudio.project import SettingsStore, default_settings_folder
from cnnstudio.session.source import download_folder


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = "cnnstudio data list | get NAME"
    parser.add_argument("action", choices=("list", "get"), help="list what is known, or fetch one")
    parser.add_argument("name", nargs="?", metavar="NAME", help=f"for get: {', '.join(DATASETS)}")


def _run(options: argparse.Namespace) -> int:
    if options.action == "list":
        if options.name is not None:
            raise Fault(f"'data list' takes no name; to fetch one: cnnstudio data get {options.name}")
        _list()
    else:
        if options.name is None:
            raise Fault(f"Which one? cnnstudio data get NAME, with NAME one of {', '.join(DATASETS)}")
        _get(options.name)
    return 0


def _list() -> None:
    folder = download_folder(SettingsStore(default_settings_folder()).load())
    rows = tuple(
        (
            info.name,
            info.title,
            shape_text(info.shape),
            count_text(info.train + info.test),
            str(len(info.classes)),
            "" if info.bundled else bytes_text(info.size),
            _state(info, is_available(info.name, folder)),
            info.licence,
        )
        for info in DATASETS.values()
    )
    header = ("Name", "Title", "Picture", "Pictures", "Classes", "Download", "State", "Licence")
    print(plain(Table(header, rows, frozenset({2, 3, 4, 5}))))
    print(f"\nDownloads go to {cache_folder(folder)}")


def _state(info: DatasetInfo, available: bool) -> str:
    if info.bundled:
        return "built in"
    return "here" if available else "not here"


def _get(name: str) -> None:
    progress = Progress()
    folder = download_folder(SettingsStore(default_settings_folder()).load())
    try:
        paths = download(name, folder, progress=Transfer(progress))
    except DataError as error:
        raise Fault(str(error)) from None
    finally:
        progress.wipe()
    if not paths:
        print(f"{name} ships with CNN Studio; there is nothing to fetch.")
    for path in paths:
        print(path)


COMMAND = Command(
    "data",
    "list the data sets known by name, or fetch one",
    "List the data sets that are known by name, or fetch one; it is verified by size and SHA-256.",
    _add_arguments,
    _run,
    "CNNSTUDIO_DATA names the folder to fetch into, if it is not to be the usual cache folder.",
)
