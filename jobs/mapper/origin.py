"""The origin of lines: their file, and the organisms that they belong to.

A line belongs to its taxon, or to the sample that the sample sheet names for its file.
"""

from __future__ import annotations

import json
from typing import Callable, Iterator, List, Optional

from gafreduce.jobs import records
from gafreduce.jobs.accounting.id_sample import IdSample
from gafreduce.jobs.files.input_list import InputFile


class Origin:
    """A file, as a mapper needs it beside its reader."""

    def __init__(self, source: InputFile, number: int = 0) -> None:
        """Take the facts from the file's row of the input list; `number` is the row's position."""
        self.number = number
        self.format = source.format
        self.source_file = source.source_file
        self._sample = records.encode_organism(source.sample) if source.sample else b""
        self._is_pooled = not source.sample_taxon
        self._taxon = records.encode_organism(source.sample_taxon)
        # ids are compared where a sample has several files
        self._ids: Optional[IdSample] = IdSample() if source.sample_files > 1 else None
        #: Returns the organism of a line by its taxon, in the form that records have.
        self.find_organism: Callable[[int], bytes] = (
            self._find_in_sample if self._sample else records.encode_organism
        )

    def _find_in_sample(self, taxon_id: int) -> bytes:
        return self.replace_taxa([records.encode_organism(taxon_id)])[0]

    def replace_taxa(self, organisms: List[bytes]) -> List[bytes]:
        """Return the organisms of lines by their taxa, all in the form that records have."""
        sample, taxon = self._sample, self._taxon
        if not sample:
            return organisms
        if self._is_pooled:
            return [sample] * len(organisms)
        return [sample if organism == taxon else organism for organism in organisms]

    def collect_ids(self, organisms: List[bytes], object_ids: List[bytes]) -> None:
        """Add the gene products of the sample to those by which its files are compared."""
        if self._ids is not None:
            of_sample = {
                object_id
                for organism, object_id in zip(organisms, object_ids)
                if organism == self._sample
            }
            self._ids.add(object_id.decode("utf-8") for object_id in of_sample)

    def encode_ids(self) -> Iterator[List[bytes]]:
        """Return the ids by which files are compared, as a record."""
        if self._ids is not None:
            value = json.dumps(self._ids.list_ids())
            yield [records.encode_file_counts(self.number, "ids", value)]
