"""Which ontology is meant: the one named, the one in the working folder, the one of the user."""

from __future__ import annotations

import os
from pathlib import Path

from gafreduce.errors import InputError
from gafreduce.jobs.files.input_list import normalise_uri
from gafreduce.storage import s3
from gafreduce.storage.s3_errors import translate_errors

#: Names looked for in the working folder, and the variable looked at after that.
NAMES = ("go-basic.obo", "go-basic.obo.gz")
VARIABLE = "GAFREDUCE_ONTOLOGY"
PURL = "https://purl.obolibrary.org/obo/go/go-basic.obo"


class OntologySourceError(InputError):
    """No ontology is named, and none is where one is looked for."""


def find_ontology(named: str | None) -> str:
    """Return the path or URI of the ontology.

    Raises:
        OntologySourceError: There is none; the message says where to get one.
    """
    if named:
        return named
    for name in NAMES:
        if Path(name).is_file():
            return name
    if os.environ.get(VARIABLE):
        return os.environ[VARIABLE]
    raise OntologySourceError(
        f"expected an ontology, got none: get {PURL} and name it with --ontology, put it into this "
        f"folder as {NAMES[0]}, or set {VARIABLE}"
    )


def local_ontology(ontology: str, access: s3.Access, scratch: Path) -> Path:
    """Return the ontology as a file here.

    Raises:
        S3Error: It can't be read.
    """
    if not s3.is_uri(ontology):
        return Path(ontology)
    location = s3.parse(normalise_uri(ontology))
    path = scratch / "ontology"
    with translate_errors(f"reading {ontology}"):
        access.client().download_file(location.bucket, location.key, str(path))
    return path
