"""An ontology of another storage becomes a file of this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gafreduce.errors import InputError
from gafreduce.inputs.ontology_file import download_ontology
from gafreduce.storage import s3


def test_an_ontology_in_hdfs_is_copied_and_a_local_one_is_not(
    hdfs_files: Any, tmp_path: Path
) -> None:
    hdfs_files.put("go.obo", b"format-version: 1.2\n")
    path = download_ontology("hdfs:///go.obo", s3.Access(), tmp_path)
    assert (path.parent, path.read_bytes()) == (tmp_path, b"format-version: 1.2\n")
    with pytest.raises(InputError, match=r"hdfs:///none\.obo: expected an ontology, got nothing"):
        download_ontology("hdfs:///none.obo", s3.Access(), tmp_path)
    assert download_ontology("/go.obo", s3.Access(), tmp_path) == Path("/go.obo")
