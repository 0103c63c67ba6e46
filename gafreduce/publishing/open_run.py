"""Open finished runs to read them: run folders, and published runs, which are downloaded."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gafreduce.errors import InputError
from gafreduce.publishing import manifest
from gafreduce.publishing.run_folder import RECORD, RunFolder, is_ours

if TYPE_CHECKING:
    from gafreduce.storage.s3 import Access


@contextlib.contextmanager
def open_runs(
    places: Sequence[str],
    make_access: Callable[[], Access],
    files: Sequence[str] | None = None,
) -> Iterator[list[RunFolder]]:
    """Give the folders of finished runs; downloaded ones are removed at the end of the block.

    Args:
        places: Run folders, or s3:// prefixes of published runs.
        make_access: Makes the access to S3, when there is such a prefix.
        files: Paths in the run folder that are downloaded, besides the record; a run may lack them.
            None: all.

    Raises:
        InputError: One is no finished run, or differs from its manifest.
        S3Error: A request failed.
    """
    from gafreduce.storage.resolve import local_path
    from gafreduce.tempdir import temporary_folder

    with contextlib.ExitStack() as stack:
        scratch: Path | None = None
        access: Access | None = None
        folders = []
        for number, place in enumerate(places, 1):
            if local_path(place) is None:
                scratch = scratch or stack.enter_context(temporary_folder())
                access = access or make_access()
                name = place.rstrip("/").rpartition("/")[2]
                folder = RunFolder(scratch / f"run-{number}" / name)
                published = PublishedRun(place, access, folder)
                published.download([RECORD, *(published.rows if files is None else files)])
                if files is None:
                    folder.write_manifest()
            else:
                folder = open_folder(Path(place))
            folders.append(folder)
        yield folders


def open_folder(path: Path) -> RunFolder:
    """Return a run folder after comparing its files with the manifest: sizes, and small checksums.

    Raises:
        InputError: It is no finished run, or differs from its manifest.
    """
    folder = RunFolder.open(path)
    folder.check_record()
    folder.refuse_tables(folder.find_table_defects(has_sums=False))
    return folder


def check_files(folder: RunFolder, names: Iterable[str]) -> None:
    """Check that some files of a finished run are as its manifest states.

    Sizes are compared, and checksums if the files are not large.

    Args:
        folder: The run folder.
        names: Paths in it; those that do not exist are left out.

    Raises:
        InputError: A file has another content, or is not one of the run.
    """
    found = {name: manifest.find_size(folder.path / name) for name in names}
    sizes = {name: size for name, size in found.items() if size is not None}
    content = folder.manifest.read_bytes()
    defects = manifest.compare_files(folder.path, content, sizes, has_sums=False)
    folder.refuse_tables([each for each in defects if each.kind != "missing"])


def parse_record(content: bytes) -> dict[str, Any] | None:
    r"""Return the content of a record; None if it is damaged, or none of gafreduce.

    >>> parse_record(b"[" * 100_000), parse_record(b"{}"), parse_record(b"\xff")
    (None, None, None)
    """
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if is_ours(found) else None


class PublishedRun:
    """A published run; its files are downloaded when they are needed.

    Attributes:
        rows: The rows of its manifest, by path.
    """

    def __init__(self, place: str, access: Access, folder: RunFolder) -> None:
        """Read the manifest.

        Args:
            place: The s3:// prefix of the run.
            access: To S3.
            folder: A new folder for the files.

        Raises:
            InputError: There is no published run.
            S3Error: A request failed.
        """
        from gafreduce.storage import s3
        from gafreduce.storage.s3_errors import translate_errors
        from gafreduce.storage.s3_prefix import Prefix

        self._folder, self._place = folder, place
        bucket, key = s3.parse(place)
        with translate_errors(f"reading {place}"):
            self._prefix = Prefix(access.client(), bucket, key)
            stored = self._prefix.read(manifest.NAME)
        rows = manifest.parse_rows(stored.body) if stored else None
        if rows is None:
            raise InputError(f"{place}: expected a published run, got no {manifest.NAME}")
        self.rows = rows

    def download(self, names: Iterable[str]) -> None:
        """Download files; those that the run lacks are left out.

        Args:
            names: Paths in the run folder.

        Raises:
            InputError: A file differs from the manifest.
            S3Error: A request failed.
        """
        from gafreduce.storage.s3_errors import translate_errors

        for name in names:
            if name not in self.rows:
                continue
            path = self._folder.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with translate_errors(f"reading {self._place}"), path.open("wb") as stream:
                checksum = self._prefix.copy_object(name, stream.write)
            if checksum != self.rows[name].sha256:
                path.unlink()
                raise InputError(
                    f"{self._place}/{name}: expected the file that its manifest states, got "
                    "another (the run is incomplete: gafreduce verify lists all differences)"
                )
            if name == RECORD:
                RunFolder.open(self._folder.path).check_record()
