"""Pairs of a GPAD file and a GPI file with the same name."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from gafreduce.inputs.listed_input import InputListing
from gafreduce.inputs.listing import InputRequest, list_inputs
from gafreduce.jobs.formats.base import FormatError
from gafreduce.storage.resolve import StorageResolver

GPAD = (
    "!gpa-version: 1.1\nUniProtKB\tP1\tenables\tGO:0030420\tPMID:1\tECO:0000314\t\t\t2020\tX\t\t\n"
)
GPI = "!gpi-version: 1.2\nUniProtKB\tP1\tx\tname\t\tprotein\ttaxon:1423\t\t\t\n"


def listing(scratch: Path, *arguments: Path, taxon_id: int = 0) -> InputListing:
    request = InputRequest(tuple(map(str, arguments)), taxon_id=taxon_id)
    return list_inputs(request, StorageResolver(), scratch)


@pytest.mark.parametrize("names", [("goa.gpa", "goa.gpi"), ("a.b.gpad", "a.b.gpi.gz")])
def test_a_pair_needs_no_option(names: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / names[0]).write_text(GPAD)
    content = GPI.encode()
    (tmp_path / names[1]).write_bytes(
        gzip.compress(content) if names[1].endswith("gz") else content
    )
    for arguments in ([tmp_path], [tmp_path / names[0]], [tmp_path / name for name in names]):
        found = listing(tmp_path, *arguments)
        assert [each.source_file for each in found.inputs] == [names[0]]
        assert found.inputs[0].companion == str(tmp_path / names[1])
        assert found.notes == (
            f"{tmp_path / names[1]}: describes the gene products of {tmp_path / names[0]}",
        )


def test_a_taxon_from_the_user_needs_no_companion(tmp_path: Path) -> None:
    (tmp_path / "goa.gpa").write_text(GPAD)
    (tmp_path / "goa.gpi").write_text(GPI)
    (found,) = listing(tmp_path, tmp_path / "goa.gpa", taxon_id=7).inputs
    assert (found.taxon_id, found.companion) == (7, "")


def test_a_gpi_file_of_another_name_is_no_companion(tmp_path: Path) -> None:
    (tmp_path / "goa.gpa").write_text(GPAD)
    (tmp_path / "other.gpi").write_text(GPI)
    with pytest.raises(FormatError, match="expected a GPI file or a taxon"):
        listing(tmp_path, tmp_path / "goa.gpa")
    with pytest.raises(FormatError, match=r"expected a GPI file or a taxon|got a GPI file"):
        listing(tmp_path, tmp_path)
