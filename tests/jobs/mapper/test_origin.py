"""The organisms of lines, and the ids by which files of one sample are compared."""

from __future__ import annotations

import json

import pytest

from gafreduce.jobs import records
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.mapper.origin import Origin

FILE = InputFile("/x.gaf", "x.gaf", "gaf", "plain", 0)
COLI, SUBTILIS, SAMPLE = map(records.encode_organism, (562, 1423, 10**11 + 1))


def test_lines_belong_to_their_taxon_or_to_the_sample_of_their_file() -> None:
    assert Origin(FILE).replace_taxa([COLI, SUBTILIS]) == [COLI, SUBTILIS]
    pooled = Origin(FILE._replace(sample=10**11 + 1))
    assert pooled.replace_taxa([COLI, SUBTILIS]) == [SAMPLE, SAMPLE]
    of_taxon = Origin(FILE._replace(sample=10**11 + 1, sample_taxon=562))
    assert of_taxon.replace_taxa([COLI, SUBTILIS]) == [SAMPLE, SUBTILIS]
    assert [of_taxon.find_organism(taxon) for taxon in (562, 1423)] == [SAMPLE, SUBTILIS]


@pytest.mark.parametrize(("n_files", "expected"), [(1, None), (2, ["DB:a"]), (3, ["DB:a"])])
def test_ids_of_a_sample_are_collected_if_it_has_several_files(
    n_files: int, expected: list[str] | None
) -> None:
    source = FILE._replace(sample=10**11 + 1, sample_taxon=562, sample_files=n_files)
    origin = Origin(source, 4)
    origin.collect_ids([SAMPLE, SUBTILIS], [b"DB:a", b"DB:b"])
    encoded = [record for found in origin.encode_ids() for record in found]
    assert bool(encoded) is (expected is not None)
    for record in encoded:
        assert record == records.encode_file_counts(4, "ids", json.dumps(expected))
