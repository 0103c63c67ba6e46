"""Keep term files between runs, by the content of their ontology; rebuild damaged ones.

The command line imports this module: it takes a few milliseconds and does not import goatools.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gafreduce.child_process import communicate, start_python
from gafreduce.errors import InputError
from gafreduce.ontology import termfile
from gafreduce.ontology.termfile import TermFile
from gafreduce.regular_file import check_regular_file

#: Suffix of unfinished files, and after how long they are removed from the cache.
_PART = ".part"
_PART_SECONDS = 3600.0


class TermFileBuildError(InputError):
    """No term file could be built; the message names the fault of the ontology."""


@dataclass(frozen=True)
class CachedTerms:
    """A term file on disk and in memory."""

    path: Path
    terms: TermFile
    note: str  # how the term that the user named was resolved; may be empty


class TermFileBuild:
    """A term file that is found in the cache, or that a process is building."""

    def __init__(self, path: Path, found: CachedTerms | None, request: Sequence[str]) -> None:
        """Start to build the term file if the cache lacks it.

        Args:
            path: The path of the term file.
            found: The term file from the cache; None if there is none.
            request: Ontology, term and relations for `gafreduce.ontology.build`.
        """
        self._path = path
        self._found = found
        self._process: subprocess.Popen[bytes] | None = None
        # among the temporary files of the command: a killed one leaves nothing in the cache
        name = f"{path.name}.{secrets.token_hex(8)}{_PART}"
        self._part = Path(tempfile.gettempdir(), name)
        if found is None:
            self._process = start_python(
                "gafreduce.ontology.build",
                *(*request, str(self._part)),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )

    def wait(self) -> CachedTerms:
        """Return the term file.

        Raises:
            TermFileBuildError: The ontology is at fault, or the term file can't be written.
        """
        if self._found is None:
            assert self._process is not None
            self._found = self._finish(self._process)
        return self._found

    def _finish(self, process: subprocess.Popen[bytes]) -> CachedTerms:
        try:
            out, errors = communicate(process, "reads the ontology")
            if process.returncode:
                lines = errors.decode(errors="replace").strip().splitlines()
                raise TermFileBuildError(
                    lines[-1]
                    if lines
                    else f"gafreduce.ontology.build ended with {process.returncode}"
                )
            note = str(json.loads(out)["note"])
            content = self._part.read_bytes()
            _store(self._path, content + _make_trailer(content, note))
        except OSError as error:
            raise TermFileBuildError(
                f"{self._path}: expected to write a term file, got {error.strerror} "
                "(make room, or set XDG_CACHE_HOME to another folder)"
            ) from error
        finally:
            self.close()
        return CachedTerms(self._path, termfile.parse(content, self._path), note)

    def close(self) -> None:
        """End the process and remove its unfinished file."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.kill()
                self._process.communicate()
            for stream in (self._process.stdout, self._process.stderr):
                if stream is not None:
                    stream.close()
            self._part.unlink(missing_ok=True)


def start_build(
    ontology: Path, term: str, relations: Sequence[str], cache_dir: Path | None = None
) -> TermFileBuild:
    """Return the term file of an ontology and target from the cache, or start to build it.

    Args:
        ontology: OBO, plain or gzip.
        term: As the user gave it.
        relations: The relations of descendants and of propagation.
        cache_dir: Used instead of the user's cache folder.

    Raises:
        InputError: The ontology file can't be read.
    """
    check_regular_file(ontology)
    try:
        with ontology.open("rb") as stream:
            key = hashlib.file_digest(stream, "sha256")
    except OSError as error:
        raise TermFileBuildError(
            f"{ontology}: expected an ontology file, got {error.strerror} (name it: --ontology)"
        ) from error
    request = "\0".join([termfile.VERSION, term, *relations])
    key.update(request.encode("utf-8", "surrogateescape") + _hash_builder())
    path = _find_folder(cache_dir) / f"{key.hexdigest()[:32]}.terms"
    return TermFileBuild(path, _read(path), [str(ontology.absolute()), term, ",".join(relations)])


def load_term_file(
    ontology: Path, term: str, relations: Sequence[str], cache_dir: Path | None = None
) -> CachedTerms:
    """Return the term file of an ontology and target; see `start_build`."""
    with contextlib.closing(start_build(ontology, term, relations, cache_dir)) as build:
        return build.wait()


def _hash_builder() -> bytes:
    """Return a digest of this package: a term file is reused only by the code that built it."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.digest()


def _find_folder(cache_dir: Path | None) -> Path:
    """Return the cache folder, or a temporary one if that can't be written."""
    try:
        folder = cache_dir or find_user_cache() / "gafreduce"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except (OSError, RuntimeError):  # RuntimeError: the user has no home
        folder = Path(tempfile.mkdtemp(prefix="gafreduce-terms-"))
        atexit.register(_remove, folder, os.getpid())
        return folder


def find_user_cache() -> Path:
    """Return the user's cache folder.

    Source: https://specifications.freedesktop.org/basedir-spec/latest/
    """
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return named if named.is_absolute() else Path("~/.cache").expanduser()


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # a fork leaves the folder alone
        shutil.rmtree(folder, ignore_errors=True)


def _store(path: Path, content: bytes) -> None:
    """Write a file of the cache as a whole; remove unfinished ones, of processes killed here."""
    for each in path.parent.glob(f"*{_PART}"):
        with contextlib.suppress(OSError):
            if time.time() - each.stat().st_mtime > _PART_SECONDS:
                each.unlink()
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}{_PART}")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _make_trailer(content: bytes, note: str) -> bytes:
    """Return the last lines of a cached file: the note and a checksum of everything above."""
    line = f"note\t{json.dumps(note)}\n".encode()
    return line + f"sha256\t{hashlib.sha256(content + line).hexdigest()}\n".encode()


def _read(path: Path) -> CachedTerms | None:
    """Return a cached term file; None if it is missing or damaged."""
    try:
        content = path.read_bytes()
        body, _, checksum = content.rpartition(b"sha256\t")
        if hashlib.sha256(body).hexdigest().encode() != checksum.strip():
            return None
        note = json.loads(body[body.rindex(b"\nnote\t") + 6 :])
        return CachedTerms(path, termfile.parse(content, path), str(note))
    except (OSError, ValueError, termfile.TermFileError):
        return None
