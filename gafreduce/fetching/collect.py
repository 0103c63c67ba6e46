"""Write a folder that `gafreduce run` takes as it is: files, ontology, sample sheet, sources."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from gafreduce import owned_paths
from gafreduce.errors import InputError
from gafreduce.fetching.download import Downloader, FetchedFile, NotThereError
from gafreduce.fetching.organisms import describe_organism, find_organism
from gafreduce.fetching.sources import CURRENT, LICENCE, GoaSource, GoSource, Organism, Release
from gafreduce.system import file_access

ONTOLOGY = "go-basic.obo"
SHEET = "inputs.tsv"
SOURCES = "SOURCES.tsv"
CITATION = "CITATION.txt"

_CITATION = """\
Annotations and ontology: Gene Ontology{release}, licence CC BY 4.0.
{doi}Please cite, with the release and the dates in the headers of the annotation files:
Ashburner et al. 2000, https://doi.org/10.1038/75556
The Gene Ontology Consortium 2023, https://doi.org/10.1093/genetics/iyad031
https://geneontology.org/docs/go-citation-policy/
{goa}"""
_GOA = """\
The annotation files are GOA's proteome sets: Huntley et al. 2015, https://doi.org/10.1093/nar/gku1113
"""


class Choice(NamedTuple):
    """The organisms that were chosen, all of one source, and why of this one."""

    source: str  # go or goa
    organisms: tuple[Organism, ...]
    note: str


def choose_organisms(
    words: Sequence[str],
    group: str | None,
    source: str | None,
    go: GoSource,
    goa: GoaSource,
    release: str,
) -> Choice:
    """Find all organisms in one source, because pipelines filter annotations differently.

    Args:
        words: What the user names.
        group: A group of GO's organisms to take besides.
        source: go or goa; None: GO if it has all of them, else GOA for all.
        go: The release of GO.
        goa: GOA's proteomes.
        release: current, or the date of a release.

    Raises:
        InputError: A word names no organism, or several.
    """
    found: list[Organism] = []
    missing: list[str] = []
    if source != "goa":
        known = go.list_organisms()
        found += [each for each in known if group is not None and each.group == group]
        for word in words:
            organism = find_organism(word, known)
            if organism is None:
                missing.append(word)
            else:
                found.append(organism)
        if not missing:
            return Choice("go", tuple(dict.fromkeys(found)), "")
        if source == "go" or group is not None or release != CURRENT:
            only = "" if release == CURRENT else "; GOA's proteomes are current only"
            raise InputError(
                f"{', '.join(missing)}: expected an organism of GO's release, got none of that "
                f"name (gafreduce fetch --list shows them; --source goa has more{only})"
            )
    proteomes = goa.list_organisms()
    chosen = []
    for word in words:
        organism = find_organism(word, proteomes) or _find_by_taxon(word, found, proteomes)
        if organism is None:
            raise InputError(
                f"{word}: expected an organism of GO's release or a proteome of GOA, got none of "
                "that name (gafreduce fetch --list WORDS shows what there is)"
            )
        chosen.append(organism)
    note = (
        f"GO's release has no file for {', '.join(missing)}: all files are from GOA, because "
        "pipelines filter annotations differently"
        if missing
        else ""
    )
    return Choice("goa", tuple(dict.fromkeys(chosen)), note)


def _find_by_taxon(
    word: str, known: Sequence[Organism], proteomes: Sequence[Organism]
) -> Organism | None:
    """Return the proteome of the taxon of an organism that GO knows by a mnemonic or name."""
    named = find_organism(word, known)
    return find_organism(str(named.taxon_id), proteomes) if named else None


class Collector:
    """Downloads the files of a choice, and writes the folder."""

    def __init__(self, go: GoSource, goa: GoaSource) -> None:
        """Use the sources."""
        self._go, self._goa = go, goa

    def collect(self, choice: Choice | None, path: Path) -> Path:
        """Write a new folder, which appears as a whole.

        Args:
            choice: The organisms; None for the ontology alone.
            path: The folder.

        Raises:
            InputError: The folder has files, or a source lacks a file.
            TransientError: A server cannot be reached.
        """
        check_new_folder(path)
        organisms = choice.organisms if choice else ()
        files = [(each, self._get_annotations(each)) for each in organisms]
        ontology = self._go.get_ontology()
        release = self._go.read_release()
        path = path.absolute()
        path.parent.mkdir(parents=True, exist_ok=True)
        with owned_paths.make_folder(path.parent, f".{path.name}.", owned_paths.BUILD) as build:
            made = build.path / "new"
            made.mkdir()
            _write_folder(made, files, ontology, release)
            if path.is_dir():
                path.rmdir()
            file_access.rename(made, path)
        return path

    def _get_annotations(self, organism: Organism) -> FetchedFile:
        source = self._go if organism.source == "go" else self._goa
        try:
            return source.get_annotations(organism)
        except NotThereError as error:
            raise InputError(
                f"{describe_organism(organism)}: expected its annotation file, got none: {error}"
            ) from error


def check_new_folder(path: Path) -> None:
    """Check that a folder does not exist, or is empty.

    Raises:
        InputError: It has files.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise InputError(f"{path}: expected a new folder, got files (name another folder: -o)")


def _write_folder(
    folder: Path,
    files: Sequence[tuple[Organism, FetchedFile]],
    ontology: FetchedFile,
    release: Release,
) -> None:
    rows = ["file\torganism\ttaxon_id\tsource\trelease\tdate\tbytes\tsha256\tlicence\taddress"]
    sheet = ["path\ttaxon_id\torganism\tcomplete"]
    for organism, file in files:
        name = file.url.rpartition("/")[2]
        shutil.copyfile(file.path, folder / name)
        sheet.append(f"{name}\t{organism.taxon_id}\t{_clean(organism.name)}\ttrue")
        of = release.date if organism.source == "go" else CURRENT
        cells = [name, _clean(organism.name), str(organism.taxon_id), organism.source, of]
        rows.append("\t".join([*cells, *_describe_file(file)]))
    shutil.copyfile(ontology.path, folder / ONTOLOGY)
    cells = [ONTOLOGY, "", "", "go", release.date, *_describe_file(ontology)]
    rows.append("\t".join(cells))
    (folder / SOURCES).write_text("\n".join(rows) + "\n", encoding="utf-8", newline="\n")
    if files:
        (folder / SHEET).write_text("\n".join(sheet) + "\n", encoding="utf-8", newline="\n")
    has_goa = any(organism.source == "goa" for organism, _ in files)
    text = _CITATION.format(
        release=f", release {release.date}" if release.date else "",
        doi=f"Release: https://doi.org/{release.doi.rpartition('doi.org/')[2]}\n"
        if release.doi
        else "",
        goa=_GOA if has_goa else "",
    )
    (folder / CITATION).write_text(text, encoding="utf-8", newline="\n")


def _describe_file(file: FetchedFile) -> list[str]:
    return [_clean(file.last_modified), str(file.bytes), file.sha256, LICENCE, file.url]


def _clean(text: str) -> str:
    return " ".join(text.split())


def make_sources(release: str, downloader: Downloader) -> tuple[GoSource, GoaSource]:
    """Return the sources of a release.

    Raises:
        InputError: The release is neither `current` nor a date.
    """
    return GoSource(release, downloader), GoaSource(downloader)
