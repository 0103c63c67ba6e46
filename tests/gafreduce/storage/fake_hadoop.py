"""A `hadoop` that knows `fs -stat`, `-ls -C -d`, `-cat` and `-checksum`, over a local folder.

    fake_hadoop.py ROOT LOG fs -stat FORMAT hdfs:///...

It says what Hadoop 3.4 says, in its words, and notes each call.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

#: Arguments before the paths.
N_OPTIONS = {"-stat": 1, "-ls": 2, "-cat": 0, "-checksum": 0}


def main(root: Path, log: Path, command: str, arguments: list[str]) -> int:
    """Answer one call."""
    with log.open("a") as stream:
        stream.write(f"{command} {' '.join(arguments)}\n")
    status = 0
    for argument in arguments[N_OPTIONS[command] :]:
        name = argument.removeprefix("hdfs://").lstrip("/")
        paths = sorted(root.glob(name))
        problem = "" if paths else f"`{argument}': No such file or directory"
        if "forbidden" in name:
            problem = "Permission denied: user=me, access=READ"
        if problem:
            sys.stderr.write(f"{command[1:]}: {problem}\n")
            status = 1
        for path in paths:
            sys.stdout.buffer.writelines(said(command, path, f"hdfs:///{path.relative_to(root)}"))
    return status


def said(command: str, path: Path, uri: str) -> Iterator[bytes]:
    """Yield what a command prints of a path."""
    if command == "-cat":
        yield path.read_bytes()
    elif command == "-ls":
        yield f"{uri}\n".encode()
    elif command == "-checksum":
        digest = hashlib.md5(path.read_bytes()).hexdigest()
        yield f"{uri}\tMD5-of-CRC32C\t{digest}\n".encode()
    else:
        kind, size = ("directory", 0) if path.is_dir() else ("regular file", path.stat().st_size)
        changed = path.stat().st_mtime_ns // 1_000_000
        yield f"{kind}\t{size}\t{changed}\t{path.name}\n".encode()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[4], sys.argv[5:]))
