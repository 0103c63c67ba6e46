"""The manifest: every file of a run folder with its size and checksum; written last."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

NAME = "MANIFEST.tsv"


def files_of(folder: Path) -> Iterator[Path]:
    """Return the files of a run folder but the manifest, sorted by path."""
    for path in sorted(folder.rglob("*"), key=lambda found: str(found.relative_to(folder))):
        if path.is_file() and path.relative_to(folder) != Path(NAME):
            yield path


def write_manifest(folder: Path) -> Path:
    """Write MANIFEST.tsv (path, bytes, sha256) into a run folder, all at once."""
    rows = ["path\tbytes\tsha256"]
    for path in files_of(folder):
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        rows.append(f"{path.relative_to(folder)}\t{path.stat().st_size}\t{digest}")
    part = folder / f"{NAME}.part"
    part.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return part.replace(folder / NAME)
