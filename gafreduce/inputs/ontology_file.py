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


def find_ontology(named: str | None, inputs: Sequence[str] = ()) -> str:
    """Return the path or URI of the ontology.

    Args:
        named: By an option.
        inputs: Those of the command: a single folder may have the ontology, as fetched ones do.

    Raises:
        OntologySourceError: There is none; the message names a source.
    """
    if named:
        return named
    folder = local_path(inputs[0]) if len(inputs) == 1 else None
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
