"""`gafreduce fetch`: download annotation files and the ontology."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gafreduce import signals, tempdir
from gafreduce.cli.options import EXIT_CODES, add_encryption, add_s3, add_verbosity, describe
from gafreduce.errors import UsageError

if TYPE_CHECKING:
    from gafreduce.fetching.download import Downloader
    from gafreduce.fetching.sources import Organism
    from gafreduce.storage.s3_prefix import Prefix
    from gafreduce.terminal.download_line import DownloadLine

log = logging.getLogger(__name__)

_EPILOG = f"""\
examples:
  gafreduce fetch BACSU ECOLI -o data
      two organisms of GO's current release, with its ontology; then: gafreduce run data
  gafreduce fetch BACSU 279010 "Geobacillus kaustophilus HTA426" -o data
      GO has no files for two of them, so that all are taken from GOA's proteomes
  gafreduce fetch --taxon-group bacteria --release 2026-06-19 -o data
      all bacteria of a dated release
  gafreduce fetch BACSU ECOLI -o s3://my-bucket/data
      into S3; then: gafreduce run s3://my-bucket/data/
  gafreduce fetch --list bacillus
      what there is
  gafreduce fetch --cached
      what has been downloaded

{EXIT_CODES}
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    describe(
        command,
        "Download annotation files of organisms, and the ontology of the same release, into a new "
        "folder with a sample sheet, the sources of all files, and how to cite them. Downloads are "
        "resumed, verified and shared between runs in a cache.",
        _EPILOG,
    )
    command.add_argument(
        "organisms",
        nargs="*",
        metavar="ORGANISM",
        help="a mnemonic (BACSU), taxon id, proteome (UP000001570) or name; with --list, words to "
        "look for",
    )
    command.add_argument(
        "-o", "--output", metavar="FOLDER|s3://", help="the new folder, or an empty prefix in S3"
    )
    command.add_argument(
        "--release",
        metavar="DATE",
        default="current",
        help="release of GO: current, or a date such as 2026-06-19 (default: %(default)s)",
    )
    command.add_argument(
        "--source",
        choices=("go", "goa"),
        help="go: GO's releases; goa: GOA's proteomes (default: go if it has all the organisms, "
        "else goa for all)",
    )
    command.add_argument(
        "--taxon-group",
        metavar="GROUP",
        help="all organisms of a group of GO's: bacteria, archaea, fungi, plants, vertebrates, "
        "arthropods, nematodes, animals, amoebae, eukaryotes or viruses",
    )
    command.add_argument("--list", action="store_true", help="print the organisms that there are")
    command.add_argument(
        "--cached", action="store_true", help="print the files of the cache, without the network"
    )
    command.add_argument("--ontology-only", action="store_true", help="get the ontology alone")
    command.add_argument(
        "--cache",
        metavar="FOLDER",
        type=Path,
        help="folder for downloads (default: gafreduce-downloads in the user's cache folder)",
    )
    add_s3(command)
    add_encryption(command)
    add_verbosity(command)


def publishes(arguments: argparse.Namespace) -> bool:
    """Return whether the command makes a folder."""
    return not (arguments.list or arguments.cached)


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Write the folder, and yield its path and the command that uses it; or list organisms.

    Raises:
        InputError: An organism is not known or names several, or the folder has files.
        TransientError: A server cannot be reached.
    """
    from gafreduce.fetching.collect import (
        SOURCES,
        Collector,
        check_new_folder,
        choose_organisms,
        make_sources,
    )
    from gafreduce.fetching.download import OfflineError
    from gafreduce.fetching.sources import GROUPS
    from gafreduce.fetching.upload import check_new_prefix, upload_folder
    from gafreduce.publishing.local_publish import check_place
    from gafreduce.terminal.download_line import DownloadLine

    _check(arguments, sorted(set(GROUPS.values())))
    prefix = _open_prefix(arguments)
    if prefix is not None:
        check_new_prefix(prefix, SOURCES)
    elif arguments.output is not None:
        check_place(Path(arguments.output))
        check_new_folder(Path(arguments.output))
    line = DownloadLine(is_quiet=arguments.quiet)
    downloader = _make_downloader(arguments.cache, line)
    go, goa = make_sources(arguments.release, downloader)
    if arguments.cached:
        yield from _list_cached(downloader)
        return
    if arguments.list:
        try:
            lines = list(_list(arguments, go, goa))
        except OfflineError as error:
            log.warning("%s; these files of the cache can be used without a network:", error)
            lines = list(_list_cached(downloader))
        line.clear()
        yield from lines
        return
    choice = None
    if not arguments.ontology_only:
        choice = choose_organisms(
            arguments.organisms,
            arguments.taxon_group,
            arguments.source,
            go,
            goa,
            arguments.release,
        )
        if choice.note:
            log.warning("%s", choice.note)
    collector = Collector(go, goa)
    try:
        if prefix is None:
            path = str(collector.collect(choice, Path(arguments.output)))
        else:
            with tempdir.temporary_folder() as scratch:
                upload_folder(collector.collect(choice, scratch / "new"), prefix, SOURCES)
            path = f"{prefix.uri.rstrip('/')}/"
    finally:
        line.clear()
    signals.mark_published()
    if choice is not None and not arguments.quiet:
        yield f"{len(choice.organisms)} organisms and the ontology; next: gafreduce run {path}"
    else:
        yield path


def _open_prefix(arguments: argparse.Namespace) -> Prefix | None:
    """Return the prefix that the output names; None for a folder."""
    from gafreduce.storage import s3
    from gafreduce.storage.resolve import check_output_address, local_path

    output = arguments.output
    if output is None:
        return None
    check_output_address(output)
    if local_path(output) is not None:
        return None
    from gafreduce.storage.s3_prefix import Prefix

    access = s3.Access(
        arguments.endpoint_url,
        arguments.profile,
        arguments.sse_kms_key_id,
        is_anonymous=arguments.no_sign_request,
    )
    bucket, key = s3.parse(output)
    return Prefix(access.client(), bucket, key)


def _check(arguments: argparse.Namespace, groups: list[str]) -> None:
    """Check that the options fit together.

    Raises:
        UsageError: They do not.
    """
    group = arguments.taxon_group
    if group is not None and group not in groups:
        raise UsageError(f"--taxon-group: expected one of {', '.join(groups)}, got {group!r}")
    if group is not None and arguments.source == "goa":
        raise UsageError("--taxon-group: expected --source go, which has groups, got goa")
    if arguments.list or arguments.cached:
        return
    if arguments.output is None:
        raise UsageError("-o: expected a new folder, got none")
    if not (arguments.organisms or group or arguments.ontology_only):
        raise UsageError("ORGANISM: expected at least one, got none (--list shows them)")
    if arguments.ontology_only and (arguments.organisms or group):
        raise UsageError("--ontology-only: expected no organisms, got some")


def _make_downloader(cache: Path | None, line: DownloadLine) -> Downloader:
    from gafreduce.fetching.download import Downloader
    from gafreduce.ontology.cache import find_user_cache

    folder = cache or find_user_cache() / "gafreduce-downloads"
    return Downloader(folder, report=line.add, begin=line.begin)


def _list_cached(downloader: Downloader) -> Iterator[str]:
    """Yield the complete files of the cache, as lines of a table."""
    yield "address\tdate\tbytes\tsha256\tfile"
    for each in downloader.list_cached():
        cells = (each.url, each.last_modified, str(each.bytes), each.sha256, str(each.path))
        yield "\t".join(cells)


def _list(arguments: argparse.Namespace, go: object, goa: object) -> Iterator[str]:
    """Yield the organisms that the words name, or all, as lines of a table."""
    from gafreduce.fetching.organisms import list_matches
    from gafreduce.fetching.sources import GoaSource, GoSource

    assert isinstance(go, GoSource)
    assert isinstance(goa, GoaSource)
    yield "source\tmnemonic\ttaxon_id\tproteome\tgroup\tname\tfile"
    for name, source in (("go", go), ("goa", goa)):
        if arguments.source not in (None, name) or (name == "goa" and arguments.taxon_group):
            continue
        organisms: list[Organism] = source.list_organisms()
        if arguments.organisms:
            organisms = list_matches(" ".join(arguments.organisms), organisms)
        for each in sorted(organisms, key=lambda one: (one.name.casefold(), one.taxon_id)):
            if arguments.taxon_group in (None, each.group):
                cells = (each.source, each.code, str(each.taxon_id), each.proteome)
                yield "\t".join((*cells, each.group, each.name, each.file))
