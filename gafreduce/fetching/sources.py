"""The addresses of GO's releases and of GOA's proteomes.

The variables below replace the beginnings of addresses, as for a mirror. Sources:
https://github.com/geneontology/go-announcements/issues/1153 (GO since June 2026),
https://ftp.ebi.ac.uk/pub/databases/GO/goa/proteomes/ (GOA).
"""

from __future__ import annotations

import csv
import json
import logging
import os
import re
from pathlib import Path
from typing import NamedTuple

import yaml  # type: ignore[import-untyped]

from gafreduce.errors import InputError
from gafreduce.fetching.download import Downloader, FetchedFile, NotThereError, OfflineError

log = logging.getLogger(__name__)

#: Variables, each with the addresses that it replaces: another one is taken where the first cannot
#: be reached. GO's public buckets answer requests over HTTPS that are not signed.
ADDRESSES = {
    "GAFREDUCE_GO_CURRENT_URL": "https://current.geneontology.org"
    " https://go-data-product-current.s3.amazonaws.com",
    "GAFREDUCE_GO_RELEASE_URL": "https://release.geneontology.org"
    " https://go-data-product-release.s3.amazonaws.com",
    "GAFREDUCE_GOA_URL": "https://ftp.ebi.ac.uk/pub/databases/GO/goa",
}
CURRENT = "current"
#: The first release with a file for each organism, in folders by format.
NEW_LAYOUT = "2026-06-19"
_RELEASE = re.compile(r"\d{4}-\d\d-\d\d")
_OLD_NAMES = Path(__file__).with_name("old_names.tsv")
LICENCE = "CC BY 4.0"
#: Groups of organisms by the taxon that GO's list names.
GROUPS = {
    "2": "bacteria",
    "2157": "archaea",
    "2759": "eukaryotes",
    "4751": "fungi",
    "6072": "animals",
    "6231": "nematodes",
    "6656": "arthropods",
    "7742": "vertebrates",
    "10239": "viruses",
    "33090": "plants",
    "554915": "amoebae",
}


class Organism(NamedTuple):
    """An organism of a source."""

    source: str  # go or goa
    code: str  # UniProt's mnemonic; empty for GOA
    taxon_id: int
    name: str
    other_names: tuple[str, ...]
    group: str  # of GROUPS; empty for GOA
    proteome: str  # UP...; for GOA the number of the file
    file: str  # of GOA's proteomes; empty for GO


class Release(NamedTuple):
    """A release of GO."""

    name: str  # current, or its date
    date: str  # empty if it is not stated
    doi: str


def list_addresses(variable: str) -> list[str]:
    """Return the beginnings of the addresses of a source, without a slash at their ends."""
    words = (os.environ.get(variable) or "").split() or ADDRESSES[variable].split()
    return [word.rstrip("/") for word in words]


class GoSource:
    """A release of GO: one file for each organism, and the ontology of the same release."""

    def __init__(self, release: str, downloader: Downloader) -> None:
        """Use a release.

        Args:
            release: `current`, or the date of a release.
            downloader: Gets the files.

        Raises:
            InputError: The release is neither.
        """
        if release != CURRENT and not _RELEASE.fullmatch(release):
            raise InputError(
                f"--release: expected current or a date such as {NEW_LAYOUT}, got {release!r}"
            )
        self._name, self._downloader = release, downloader
        self._is_fixed = release != CURRENT
        self._current = list_addresses("GAFREDUCE_GO_CURRENT_URL")
        self._bases = self._current
        if self._is_fixed:
            dated = list_addresses("GAFREDUCE_GO_RELEASE_URL")
            self._bases = [f"{address}/{release}" for address in dated]

    @property
    def has_new_layout(self) -> bool:
        """Whether there is a file for each organism."""
        return not self._is_fixed or self._name >= NEW_LAYOUT

    def get(self, path: str) -> FetchedFile:
        """Return a file of the release.

        Raises:
            NotThereError: The release has no such file.
            OfflineError: It is not in the cache, and no server can be reached.
        """
        return self._get_of(self._bases, path, self._is_fixed)

    def _get_of(self, bases: list[str], path: str, is_fixed: bool) -> FetchedFile:
        """Return a file from the first address that can be reached.

        Once a server has sent a file it is the only one: two may have two releases.
        """
        while True:
            try:
                found = self._downloader.get(f"{bases[0]}/{path}", is_fixed)
            except OfflineError as error:
                if len(bases) == 1:
                    raise
                log.warning("%s; trying %s", error, bases[1])
                del bases[0]
            else:
                if found.url in self._downloader.answered:
                    del bases[1:]
                return found

    def get_ontology(self) -> FetchedFile:
        """Return the ontology."""
        return self.get("ontology/go-basic.obo")

    def read_release(self) -> Release:
        """Return date and DOI, as far as the release states them."""
        date = self._name if self._is_fixed else ""
        return Release(
            self._name,
            self._read_value("metadata/release-date.json", "date") or date,
            self._read_value("metadata/release-archive-doi.json", "doi"),
        )

    def _read_value(self, path: str, key: str) -> str:
        try:
            return str(json.loads(self.get(path).path.read_text("utf-8"))[key])
        except (NotThereError, ValueError, KeyError, TypeError):
            return ""

    def list_organisms(self) -> list[Organism]:
        """Return the organisms of the release.

        Raises:
            InputError: The list of organisms is not understood.
            OfflineError: It is not in the cache, and the server cannot be reached.
        """
        try:
            found = self.get("metadata/goex.yaml")
        except NotThereError:
            if self.has_new_layout:
                raise
            # older releases have no list: that of the current one names the same organisms
            found = self._get_of(self._current, "metadata/goex.yaml", is_fixed=False)
        try:
            rows = yaml.safe_load(found.path.read_text("utf-8"))["organisms"]
            organisms = [_make_organism(row) for row in rows]
        except (yaml.YAMLError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                f"{found.url}: expected GO's list of organisms, got something else ({error})"
            ) from error
        old = _read_old_names()
        return [each for each in organisms if self.has_new_layout or each.code in old]

    def get_annotations(self, organism: Organism) -> FetchedFile:
        """Return the annotation file of an organism, with UniProt's ids where there are two.

        Raises:
            NotThereError: The release has none.
        """
        if not self.has_new_layout:
            return self.get(f"annotations/{_read_old_names()[organism.code]}.gaf.gz")
        try:
            return self.get(f"annotations/gaf/{organism.code}-uniprot.gaf.gz")
        except NotThereError:
            return self.get(f"annotations/gaf/{organism.code}-mod.gaf.gz")


class GoaSource:
    """GOA's proteomes: a file for each of some 20,000, current only."""

    def __init__(self, downloader: Downloader) -> None:
        """Use the current files; `downloader` gets them."""
        self._base = f"{list_addresses('GAFREDUCE_GOA_URL')[0]}/proteomes"
        self._downloader = downloader

    def list_organisms(self) -> list[Organism]:
        """Return the proteomes.

        Raises:
            OfflineError: The list is not in the cache, and the server cannot be reached.
        """
        path = self._downloader.get(f"{self._base}/proteome2taxid").path
        organisms = []
        for line in path.read_text("latin-1").splitlines():
            cells = line.split("\t")
            if len(cells) == 3 and cells[1].isdigit() and "/" not in cells[2]:
                number = cells[2].partition(".")[0]
                organisms.append(
                    Organism("goa", "", int(cells[1]), cells[0], (), "", number, cells[2])
                )
        return organisms

    def get_annotations(self, organism: Organism) -> FetchedFile:
        """Return the annotation file of a proteome.

        Raises:
            NotThereError: There is none.
        """
        return self._downloader.get(f"{self._base}/{organism.file}")


def _make_organism(row: dict[str, str | None]) -> Organism:
    names = (row.get("common_name_goc"), row.get("common_name_uniprot"))
    return Organism(
        "go",
        _check_code(str(row["code_uniprot"])),
        int(str(row["taxon_id"]).rpartition(":")[2]),
        str(row["full_name"]),
        tuple(dict.fromkeys(name for name in names if name)),
        GROUPS.get(str(row.get("taxonomic_group")).rpartition(":")[2], ""),
        str(row.get("uniprot_proteome_id") or "").rpartition(":")[2],
        "",
    )


def _check_code(code: str) -> str:
    """Return a mnemonic, which becomes a part of addresses and names of files."""
    if not re.fullmatch("[A-Z0-9]{2,10}", code):
        raise ValueError(f"mnemonic {code!r}")
    return code


def _read_old_names() -> dict[str, str]:
    with _OLD_NAMES.open(encoding="utf-8", newline="") as stream:
        return {row["code"]: row["file"] for row in csv.DictReader(stream, delimiter="\t")}
