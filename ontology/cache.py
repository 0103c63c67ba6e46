"""Term files kept between runs, under the content of their ontology; a damaged one is made anew.

The front door imports this module: it knows no goatools, and costs a few milliseconds.
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
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import gafreduce
from gafreduce.errors import InputError
from gafreduce.ontology import termfile
from gafreduce.ontology.termfile import TermFile


class TermFileBuildError(InputError):
    """No term file could be made; the message is the ontology's fault in words."""


@dataclass(frozen=True)
class CachedTerms:
    """A term file on disk, and in memory."""

    path: Path
    terms: TermFile
    note: str  # what has to be said about the term that was asked for


class Build:
    """A term file on its way: there already, or being made by a process of its own."""

    def __init__(self, path: Path, found: CachedTerms | None, request: Sequence[str]) -> None:
        """Begin to make the term file when it was not found.

        Args:
            path: Of the term file.
            found: What is there already.
            request: Ontology, term and relations for `gafreduce.ontology.build`.
        """
        self._path = path
        self._found = found
        self._process: subprocess.Popen[bytes] | None = None
        self._part = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
        if found is None:
            self._process = subprocess.Popen(
                # neither the locale nor a folder of the user's may decide what is read
                [
                    sys.executable,
                    "-P",
                    "-X",
                    "utf8",
                    "-m",
                    "gafreduce.ontology.build",
                    *request,
                    self._part,
                ],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )

    def wait(self) -> CachedTerms:
        """Return the term file.

        Raises:
            TermFileBuildError: The ontology is at fault, or the term file can't be kept.
        """
        if self._found is None:
            assert self._process is not None
            self._found = self._finish(self._process)
        return self._found

    def _finish(self, process: subprocess.Popen[bytes]) -> CachedTerms:
        try:
            out, errors = process.communicate()
            if process.returncode:
                lines = errors.decode(errors="replace").strip().splitlines()
                raise TermFileBuildError(
                    lines[-1]
                    if lines
                    else f"gafreduce.ontology.build ended with {process.returncode}"
                )
            note = str(json.loads(out)["note"])
            content = self._part.read_bytes()
            with self._part.open("ab") as stream:
                stream.write(_seal(content, note))
            self._part.replace(self._path)
        except OSError as error:
            raise TermFileBuildError(
                f"{self._path}: expected to keep a term file there, got {error.strerror} "
                "(make room, or set XDG_CACHE_HOME to another folder)"
            ) from error
        finally:
            self.close()
        return CachedTerms(self._path, termfile.parse(content, self._path), note)

    def close(self) -> None:
        """End the process, and leave nothing half made."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.kill()
                self._process.communicate()
            for stream in (self._process.stdout, self._process.stderr):
                if stream is not None:
                    stream.close()
            self._part.unlink(missing_ok=True)


def start(
    ontology: Path, term: str, relations: Sequence[str], cache_dir: Path | None = None
) -> Build:
    """Return the term file of an ontology and target: from the cache, or begun to be made.

    Args:
        ontology: OBO, plain or gzip.
        term: As the user gave it.
        relations: What makes descendants and propagation.
        cache_dir: Instead of the user's cache folder.

    Raises:
        TermFileBuildError: The ontology file can't be read.
    """
    try:
        with ontology.open("rb") as stream:
            key = hashlib.file_digest(stream, "sha256")
    except OSError as error:
        raise TermFileBuildError(
            f"{ontology}: expected an ontology file, got {error.strerror} (name it: --ontology)"
        ) from error
    asked = "\0".join([termfile.VERSION, term, *relations])
    key.update(asked.encode("utf-8", "surrogateescape") + _builder())
    path = _folder(cache_dir) / f"{key.hexdigest()[:32]}.terms"
    return Build(path, _read(path), [str(ontology.absolute()), term, ",".join(relations)])


def cached_term_file(
    ontology: Path, term: str, relations: Sequence[str], cache_dir: Path | None = None
) -> CachedTerms:
    """Return the term file of an ontology and target; see `start`."""
    with contextlib.closing(start(ontology, term, relations, cache_dir)) as build:
        return build.wait()


def _builder() -> bytes:
    """Return a digest of the code that makes term files: other code may make others."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.digest()


def _environment() -> dict[str, str]:
    """Return an environment in which a new Python finds this package, installed or not."""
    home = Path(gafreduce.__file__).resolve().parents[1]
    if home.name in ("site-packages", "dist-packages"):
        return dict(os.environ)  # found there anyway; named first, it would hide the library
    more = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(home), *([more] if more else [])])}


def _folder(cache_dir: Path | None) -> Path:
    """Return the cache folder; one for this process alone when that can't be written."""
    try:
        folder = cache_dir or user_cache() / "gafreduce"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except (OSError, RuntimeError):  # RuntimeError: the user has no home
        folder = Path(tempfile.mkdtemp(prefix="gafreduce-terms-"))
        atexit.register(_remove, folder, os.getpid())
        return folder


def user_cache() -> Path:
    """Return the user's cache folder.

    Source: https://specifications.freedesktop.org/basedir-spec/latest/
    """
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return named if named.is_absolute() else Path("~/.cache").expanduser()


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # and not a fork of it
        shutil.rmtree(folder, ignore_errors=True)


def _seal(content: bytes, note: str) -> bytes:
    """Return the last lines of a cached file: the note, and a checksum over all before it."""
    line = f"note\t{json.dumps(note)}\n".encode()
    return line + f"sha256\t{hashlib.sha256(content + line).hexdigest()}\n".encode()


def _read(path: Path) -> CachedTerms | None:
    """Return a cached term file; None when there is none, or a damaged one."""
    try:
        content = path.read_bytes()
        body, _, checksum = content.rpartition(b"sha256\t")
        if hashlib.sha256(body).hexdigest().encode() != checksum.strip():
            return None
        note = json.loads(body[body.rindex(b"\nnote\t") + 6 :])
        return CachedTerms(path, termfile.parse(content, path), str(note))
    except (OSError, ValueError, termfile.TermFileError):
        return None
