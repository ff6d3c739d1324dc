"""Data sets and pictures: shipped, downloaded or from disk, always as uint8 arrays (N, C, H, W).

Everything that comes from outside is checked before memory is taken for it; what cannot be used raises one
`DataError` that says what, where and what to do.
"""

from __future__ import annotations

from cnnstudio.data.catalogue import DATASETS, DatasetInfo, RemoteFile
from cnnstudio.data.dataset import Dataset, Split
from cnnstudio.data.download import CACHE_VARIABLE, cache_folder
from cnnstudio.data.errors import DataError, DownloadCancelled
from cnnstudio.data.load import download, is_available, load_dataset
from cnnstudio.data.pictures import PICTURE_SUFFIXES, fit_picture, is_dark_on_light, load_picture
from cnnstudio.data.splits import stratified_split

__all__ = [
    "CACHE_VARIABLE",
    "DATASETS",
    "PICTURE_SUFFIXES",
    "DataError",
    "Dataset",
    "DatasetInfo",
    "DownloadCancelled",
    "RemoteFile",
    "Split",
    "cache_folder",
    "download",
    "fit_picture",
    "is_available",
    "is_dark_on_light",
    "load_dataset",
    "load_picture",
    "stratified_split",
]
