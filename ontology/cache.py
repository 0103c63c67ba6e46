"""Term files kept between runs, under the content of their ontology; a damaged one is made anew."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ontology import termfile
from ontology.termfile import TermFile, TermFileError


class TermFileBuildError(ValueError):
    """No term file could be made; the message is the ontology's fault in words."""


@dataclass(frozen=True)
class CachedTerms:
    """A term file on disk, and in memory."""

    path: Path
    terms: TermFile
    note: str  # what has to be said about the term that was asked for


class Build:
    """A term file on its way: there already, or being made by a process of its own."""

    def __init__(self, path: Path, command: Sequence[str] | None) -> None:
        self._path = path
        self._process: subprocess.Popen[bytes] | None = None
        self._part = path.with_name(f"{path.name}.{os.getpid()}.part")
        if command is not None:
            self._process = subprocess.Popen(
                [*command, str(self._part)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )

    def wait(self) -> CachedTerms:
        """Return the term file.

        Raises:
            TermFileBuildError: The ontology is at fault.
        """
        if self._process is not None:
            self._finish(self._process)
        terms, note = _read(self._path)
        return CachedTerms(self._path, terms, note)

    def _finish(self, process: subprocess.Popen[bytes]) -> None:
        try:
            out, errors = process.communicate()
            if process.returncode:
                lines = errors.decode(errors="replace").strip().splitlines()
                raise TermFileBuildError(lines[-1] if lines else "the ontology can't be read")
            with self._part.open("ab") as stream:
                stream.write(_seal(self._part.read_bytes(), json.loads(out)["note"]))
            self._part.replace(self._path)
        finally:
            self.close()

    def close(self) -> None:
        """End the process, and leave nothing half made."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.kill()
            self._process.communicate()
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
        content = ontology.read_bytes()
    except OSError as error:
        raise TermFileBuildError(
            f"{ontology}: expected an ontology file, got {error.strerror} (name it: --ontology)"
        ) from error
    key = hashlib.sha256(content)
    key.update("\0".join([termfile.VERSION, term, *relations]).encode())
    path = _folder(cache_dir) / f"{key.hexdigest()[:32]}.terms"
    try:
        _read(path)
    except (OSError, TermFileError):
        command = [sys.executable, "-m", "ontology.build", str(ontology), term, ",".join(relations)]
        return Build(path, command)
    return Build(path, None)


def cached_term_file(
    ontology: Path, term: str, relations: Sequence[str], cache_dir: Path | None = None
) -> CachedTerms:
    """Return the term file of an ontology and target; see `start`."""
    build = start(ontology, term, relations, cache_dir)
    with contextlib.closing(build):
        return build.wait()


def _folder(cache_dir: Path | None) -> Path:
    """Return a folder that can be written."""
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    folder = cache_dir or Path(home) / "gafreduce"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="gafreduce-terms-"))
    return folder if os.access(folder, os.W_OK) else Path(tempfile.mkdtemp(prefix="gafreduce-"))


def _seal(content: bytes, note: str) -> bytes:
    """Return the last lines of a cached file: the note, and a checksum over all before it."""
    line = f"note\t{json.dumps(note)}\n".encode()
    return line + f"sha256\t{hashlib.sha256(content + line).hexdigest()}\n".encode()


def _read(path: Path) -> tuple[TermFile, str]:
    """Return a cached term file and its note.

    Raises:
        OSError: There is none.
        TermFileError: It is damaged.
    """
    content = path.read_bytes()
    body, _, checksum = content.rpartition(b"sha256\t")
    if hashlib.sha256(body).hexdigest().encode() != checksum.strip():
        raise TermFileError(f"{path}: expected a whole term file, got a damaged one")
    note = body[body.rindex(b"\nnote\t") + 6 :]
    return termfile.read(path), str(json.loads(note))
