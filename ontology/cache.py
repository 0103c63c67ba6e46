"""Keep term files between runs, by the content of their ontology; rebuild damaged ones.

A cached file is believed only if nobody else could have written it: folder and file belong to the
user, others cannot write to them, and neither is a link. Its key, a digest of the ontology, the
request and this code, is in the file too. Checksums find damage; they prove no origin.

The command line imports this module: it takes a few milliseconds and does not import goatools.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import logging
import os
import secrets
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from gafreduce import owned_paths
from gafreduce.child_process import communicate, start_python
from gafreduce.directory import Directory
from gafreduce.errors import INPUT, InputError, TransientError, read_error_line
from gafreduce.ontology import termfile
from gafreduce.ontology.termfile import DEFAULT_RELATIONS, DEFAULT_TERM, TermFile
from gafreduce.regular_file import check_regular_file
from gafreduce.system import file_access, host
from gafreduce.system.file_state import get_file_state

#: The root of biological processes: a target for ontologies without the usual one.
_ROOT = "GO:0008150"
#: After how many seconds unfinished files of killed processes are removed from the cache.
_UNFINISHED_SECONDS = 3600.0

log = logging.getLogger(__name__)


class TermFileBuildError(InputError):
    """No term file could be built; the message names the fault of the ontology."""


class CachedTerms(NamedTuple):
    """A term file on disk and in memory."""

    path: Path
    terms: TermFile
    note: str  # how the term that the user named was resolved; may be empty


class TermFileBuild:
    """A term file that is found in the cache, or that a process is building."""

    def __init__(
        self,
        path: Path,
        key: str,
        found: CachedTerms | None,
        request: Sequence[str],
        status: os.stat_result,
    ) -> None:
        """Start to build the term file if the cache lacks it.

        Args:
            path: The path of the term file.
            key: Of the term file.
            found: The term file from the cache; None if there is none.
            request: Ontology, term and relations for `gafreduce.ontology.build`.
            status: Of the ontology file when the key was computed.
        """
        self._path = path
        self._key = key
        self._found = found
        self._ontology = Path(request[0])
        self._version = get_file_state(status)
        self._process: subprocess.Popen[bytes] | None = None
        # among the temporary files of the command: a killed one leaves nothing in the cache
        name = f"{path.name}.{secrets.token_hex(8)}.part"
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
            self._check_unchanged()
            if process.returncode:
                text = errors.decode(errors="replace")
                message, code = read_error_line(text, process.returncode)
                if code == INPUT:
                    raise TermFileBuildError(message)
                raise TransientError(f"the ontology could not be read: {message}")
            note = str(json.loads(out)["note"])
            content = self._part.read_bytes()
            _store(self._path, content + _make_trailer(content, note, self._key))
        except OSError as error:
            raise TermFileBuildError(
                f"{self._path}: expected to write a term file, got {error.strerror} "
                "(make room, or set XDG_CACHE_HOME to another folder)"
            ) from error
        finally:
            self.close()
        return CachedTerms(self._path, termfile.parse(content, self._path), note)

    def _check_unchanged(self) -> None:
        """Check that the ontology file is that of the key: else another one's terms had its key.

        Raises:
            TransientError: It was replaced, written to or removed.
        """
        found = "no such file"
        with contextlib.suppress(OSError):
            found = "another one" if get_file_state(self._ontology.stat()) != self._version else ""
        if found:
            raise TransientError(
                f"{self._ontology}: expected the file that was found at first, got {found} "
                "(nothing was published: run again when nothing writes to it)"
            )

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
            status = os.fstat(stream.fileno())
            key = hashlib.file_digest(stream, "sha256")
    except OSError as error:
        raise TermFileBuildError(
            f"{ontology}: expected an ontology file, got {error.strerror} (name it: --ontology)"
        ) from error
    request = "\0".join([termfile.VERSION, term, *relations])
    key.update(request.encode("utf-8", "surrogateescape") + _hash_builder())
    digest = key.hexdigest()
    path = _find_folder(cache_dir) / f"{digest[:32]}.terms"
    build_request = [str(ontology.absolute()), term, ",".join(relations)]
    return TermFileBuild(path, digest, _read(path, digest), build_request, status)


def load_term_file(
    ontology: Path, term: str, relations: Sequence[str], cache_dir: Path | None = None
) -> CachedTerms:
    """Return the term file of an ontology and target; see `start_build`."""
    with contextlib.closing(start_build(ontology, term, relations, cache_dir)) as build:
        return build.wait()


def load_terms_alone(ontology: Path) -> TermFile:
    """Return the terms of an ontology for a purpose without a target: the term set is empty."""
    try:
        terms = load_term_file(ontology, DEFAULT_TERM, DEFAULT_RELATIONS).terms
    except TermFileBuildError:
        terms = load_term_file(ontology, _ROOT, DEFAULT_RELATIONS).terms
    return replace(terms, term_set=(), negating=frozenset())


def _hash_builder() -> bytes:
    """Return a digest of this package: a term file is reused only by the code that built it."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.digest()


def _find_folder(cache_dir: Path | None) -> Path:
    """Return the cache folder; without one that can be trusted and written, a temporary one."""
    with contextlib.suppress(OSError, RuntimeError):  # RuntimeError: the user has no home
        for candidate in list_folders(cache_dir or find_user_cache() / "gafreduce"):
            candidate.parent.mkdir(parents=True, exist_ok=True)
            candidate.mkdir(mode=stat.S_IRWXU, exist_ok=True)
            reason = _find_distrust(candidate.lstat(), stat.S_IFDIR)
            if not reason:
                with tempfile.TemporaryFile(dir=candidate):
                    return candidate
            log.debug("%s: not used as a cache: %s", candidate, reason)
    folder = Path(tempfile.mkdtemp(prefix="gafreduce-terms-"))
    atexit.register(_remove, folder, os.getpid())
    return folder


def list_folders(folder: Path) -> tuple[Path, Path]:
    """Return a cache folder, and that which is used in its place if others can write to it."""
    return folder, folder.with_name(f"{folder.name}-{file_access.user_suffix()}")


def _find_distrust(status: os.stat_result, kind: int) -> str:
    """Return the reason why a file or folder may be of others; empty when it is the user's own."""
    if stat.S_IFMT(status.st_mode) != kind:
        return "it is a link or something else"
    return file_access.find_distrust(status)


def find_user_cache() -> Path:
    """Return the user's cache folder.

    Raises:
        RuntimeError: The user has no home, or a relative one, which depends on the working folder.

    Source: https://specifications.freedesktop.org/basedir-spec/latest/
    """
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if named.is_absolute():
        return named
    home = Path.home()
    if host.IS_WINDOWS:
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    if not home.is_absolute():
        raise RuntimeError(f"HOME: expected an absolute path, got {home}")
    return home / ".cache"


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # a fork leaves the folder alone
        shutil.rmtree(folder, ignore_errors=True)


def _store(path: Path, content: bytes) -> None:
    """Write a file of the cache as a whole; remove unfinished ones, of processes killed here."""
    with Directory.open(path.parent) as folder:
        for each in folder.list_names():
            if owned_paths.prove_partial(folder, each).is_ours:
                with contextlib.suppress(OSError):
                    if (owned_paths.read_age(folder, each) or 0) > _UNFINISHED_SECONDS:
                        owned_paths.remove_partial(folder, each)
        with owned_paths.create_partial(folder, stat.S_IRUSR | stat.S_IWUSR) as (name, descriptor):
            with os.fdopen(descriptor, "wb", closefd=False) as stream:
                stream.write(content)
            folder.rename(name, path.name)


def _make_trailer(content: bytes, note: str, key: str) -> bytes:
    """Return the last lines of a cached file: note, key and a checksum of everything above."""
    line = f"note\t{json.dumps(note)}\nkey\t{key}\n".encode()
    return line + f"sha256\t{hashlib.sha256(content + line).hexdigest()}\n".encode()


def _read(path: Path, key: str) -> CachedTerms | None:
    """Return a cached term file; None if it is missing, damaged or may be of others."""
    try:
        content = _read_own(path)
        body, _, checksum = content.rpartition(b"sha256\t")
        if hashlib.sha256(body).hexdigest().encode() != checksum.strip():
            raise ValueError("its checksum is wrong")
        stated = body[body.rindex(b"\nkey\t") + 5 :].decode().strip()
        if stated != key:
            raise ValueError("it was made from other content")
        note = json.loads(body[body.rindex(b"\nnote\t") + 6 : body.rindex(b"\nkey\t")])
        return CachedTerms(path, termfile.parse(content, path), str(note))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, termfile.TermFileError) as error:
        log.debug("%s: made again: %s", path, error)
        return None


def _read_own(path: Path) -> bytes:
    """Return the content of a file; the checks are of the file that is read, not of its name.

    Raises:
        OSError: The file cannot be read, or is a link.
        ValueError: The file may be of others.
    """
    descriptor = os.open(
        path, os.O_RDONLY | file_access.NO_LINK | file_access.NO_WAIT | file_access.BYTES
    )
    with os.fdopen(descriptor, "rb") as stream:
        reason = _find_distrust(os.fstat(descriptor), stat.S_IFREG)
        if reason:
            raise ValueError(reason)
        return stream.read()
