"""A listed input: one file of a run with everything that was found out about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.model.organisms import TAXA_ONLY, Organisms
from gafreduce.storage.base import Identity

#: File name endings by which Hadoop finds a compression; it does not look at the content.
SUFFIXES = {"gzip": ".gz", "bzip2": ".bz2"}
#: The ratio of the size of an annotation file to its compressed size.
_INFLATION = 12


class ListedInput(NamedTuple):
    """An input file, known by its first bytes and its row of the sample sheet."""

    uri: str  # an absolute path, or the URI of another storage
    source_file: str  # its name in tables
    format: str
    compression: str  # plain, gzip, bzip2 or zstd
    identity: Identity  # of the stored bytes
    taxon_id: int = 0  # for formats without taxa; 0 for none
    sheet_taxon: int = 0  # the taxon in its row of the sample sheet; 0 for none
    organism: str = ""
    sample: str = ""  # the name of the sample of its lines; empty for none
    sample_number: int = 0  # of the sample in records
    sample_taxon: int = 0  # lines of this taxon are those of the sample; 0: all lines
    sample_files: int = 0  # number of files of the sample
    pool_taxa: bool = False
    group: str = ""
    compare: bool | None = None
    complete: bool | None = None  # of the sample sheet
    selection: str = ""  # the parameter by which a download was selected, from its header
    companion: str = ""  # path or URI of a GPI file
    companion_identity: Identity | None = None
    layout: str = ""
    encoding: str = ""  # how the text differs from lines of UTF-8 (`inputs.encoding`)
    header: tuple[tuple[str, str], ...] = ()  # facts that its header states

    @property
    def bytes(self) -> int:
        """The stored size."""
        return self.identity.bytes

    @property
    def companion_version(self) -> str:
        """The version of a companion of this machine; else empty."""
        return self.companion_identity.file_version if self.companion_identity else ""

    @property
    def text_bytes(self) -> int:
        """The approximate size of the text."""
        return self.bytes if self.compression == "plain" else self.bytes * _INFLATION

    def input_file(self) -> InputFile:
        """Return the row of the input list, for jobs that read the file where it is."""
        return InputFile(
            uri=self.uri,
            source_file=self.source_file,
            format=self.format,
            compression=self.compression,
            bytes=self.bytes,
            taxon_id=self.taxon_id,
            companion=self.companion,
            layout=self.layout,
            version=self.identity.file_version,
            companion_version=self.companion_version,
            sample=self.sample_number,
            sample_taxon=self.sample_taxon if self.sample else 0,
            sample_files=self.sample_files,
        )


def list_companions(inputs: Iterable[ListedInput]) -> dict[str, Identity]:
    """Return the companions of inputs, by path or URI."""
    return {
        each.companion: each.companion_identity
        for each in inputs
        if each.companion_identity is not None
    }


class InputListing(NamedTuple):
    """All inputs in the order in which they were named, and notes on files that are not read."""

    inputs: tuple[ListedInput, ...]
    notes: tuple[str, ...] = ()
    organisms: Organisms = TAXA_ONLY
