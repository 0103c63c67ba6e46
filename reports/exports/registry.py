"""The kinds of exports, and how each is written."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from gafreduce import owned_paths
from gafreduce.errors import InputError
from gafreduce.publishing.local_publish import check_place
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.exports import graph_file, ro_crate, term_gene, workbook
from gafreduce.storage.output_file import check_outputs
from gafreduce.storage.replace_file import replace_file
from gafreduce.system import file_access

#: Writes an export of a run to a path, perhaps with the ontology of the run.
_Writer = Callable[[RunFolder, Path, Path | None], None]


class ExportKind(NamedTuple):
    """A kind of export."""

    name: str
    write: _Writer
    is_folder: bool
    library: str  # name on the package index; empty for none
    modules: tuple[str, ...] = ()  # that the library has


_LISTED = (
    ExportKind("xlsx", workbook.write_workbook, False, "XlsxWriter", ("xlsxwriter",)),
    ExportKind("term2gene", term_gene.write_term_gene, True, ""),
    ExportKind("graphml", graph_file.write_graph, False, "networkx", ("networkx",)),
    ExportKind("ro-crate", ro_crate.write_crate, True, "rocrate", ("rocrate",)),
)
KINDS = {each.name: each for each in _LISTED}


def export_run(folder: RunFolder, name: str, path: Path, ontology: Path | None = None) -> None:
    """Write an export; a file replaces an older one as a whole, a folder has to be new.

    Args:
        folder: The run.
        name: One of `KINDS`.
        path: The file or folder.
        ontology: That of the run.

    Raises:
        InputError: A library is missing, or the path cannot be written.
    """
    kind = KINDS[name]
    path = Path(path).absolute()
    if not path.parent.is_dir():
        raise InputError(f"{path}: expected a place in an existing folder, got none (make it)")
    check_place(path)
    if not kind.is_folder:
        check_outputs({"-o": str(path)}, [] if ontology is None else [str(ontology)])
        if path.exists() and not path.is_file():
            raise InputError(f"{path}: expected a file, got a pipe or device (name a file: -o)")
    try:
        if kind.is_folder:
            _write_folder(kind, folder, path, ontology)
        else:
            _write_file(kind, folder, path, ontology)
    except ModuleNotFoundError as error:
        if error.name not in kind.modules:
            raise
        raise InputError(
            f"--to {name}: expected the library {kind.library}, got none "
            "(install it: pip install 'gafreduce[export]')"
        ) from error


def _write_file(kind: ExportKind, folder: RunFolder, path: Path, ontology: Path | None) -> None:
    with _make_scratch(path) as scratch:
        kind.write(folder, scratch / "export", ontology)
        with replace_file(path, path.parent) as stream, (scratch / "export").open("rb") as made:
            while block := made.read(1 << 20):
                stream.write(block)


def _write_folder(kind: ExportKind, folder: RunFolder, path: Path, ontology: Path | None) -> None:
    if path.is_symlink() or (path.exists() and (not path.is_dir() or any(path.iterdir()))):
        raise InputError(
            f"{path}: expected a new folder, got files or a link (name another folder: -o)"
        )
    with _make_scratch(path) as scratch:
        made = scratch / "export"
        made.mkdir()
        kind.write(folder, made, ontology)
        file_access.rename(made, path)


@contextlib.contextmanager
def _make_scratch(path: Path) -> Iterator[Path]:
    """Give a folder beside the export, which is removed at the end."""
    with owned_paths.make_folder(path.parent, f".{path.name}.", owned_paths.BUILD) as made:
        yield made.path
