"""Find the ontology: by option, with the inputs, in the working folder, or by a variable."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from gafreduce.errors import InputError
from gafreduce.storage.resolve import local_path, open_storage
from gafreduce.storage.s3 import Access

#: Names of the ontology in the working folder, and the variable that is used without them.
NAMES = ("go-basic.obo", "go-basic.obo.gz")
VARIABLE = "GAFREDUCE_ONTOLOGY"
PURL = "https://purl.obolibrary.org/obo/go/go-basic.obo"


class OntologySourceError(InputError):
    """No ontology is named, and none is in the usual places."""


def find_ontology(named: str | None, inputs: Sequence[str] = (), looks_beyond: bool = True) -> str:
    """Return the path or URI of the ontology.

    Args:
        named: By an option.
        inputs: Those of the command: a single folder may have the ontology, as fetched ones do.
        looks_beyond: Whether a folder of another storage, with a slash at its end, that is the
            single input is returned: `look_up_ontology` then looks into it.

    Raises:
        OntologySourceError: There is none; the message names a source.
    """
    if named:
        return named
    if len(inputs) == 1:
        if looks_beyond and _is_folder_elsewhere(inputs[0]):
            return inputs[0]
        folder = local_path(inputs[0])
        if folder is not None and folder.is_dir():
            for name in NAMES:
                if (folder / name).is_file():
                    return str(folder / name)
    for name in NAMES:
        if Path(name).is_file():
            return name
    if os.environ.get(VARIABLE):
        return os.environ[VARIABLE]
    raise OntologySourceError(
        f"expected an ontology, got none: get {PURL} and name it with --ontology, put it into this "
        f"folder as {NAMES[0]}, or set {VARIABLE}"
    )


def look_up_ontology(found: str, access: Access) -> str:
    """Return the ontology in a folder that `find_ontology` returned; all else as it is.

    Raises:
        OntologySourceError: Neither the folder nor another place has one.
        S3Error: The folder cannot be read.
    """
    if not _is_folder_elsewhere(found):
        return found
    storage = open_storage(found, access)
    entries = (storage.find_in_folder(found, name) for name in NAMES)
    uri = next((entry.uri for entry in entries if entry is not None), None)
    return uri or find_ontology(None)


def _is_folder_elsewhere(place: str) -> bool:
    return local_path(place) is None and place.endswith("/")


def download_ontology(ontology: str, access: Access, scratch: Path) -> Path:
    """Return the ontology as a file of this machine.

    Raises:
        InputError: It doesn't exist.
        S3Error: It can't be read.
    """
    path = local_path(ontology)
    if path is not None:
        return path
    storage = open_storage(ontology, access)
    entries = storage.stat([ontology])
    if ontology not in entries:
        raise InputError(f"{ontology}: expected an ontology, got nothing of that name")
    wanted = {ontology: entries[ontology].identity}
    return storage.download(wanted, scratch, lambda done, total: None)[ontology]
