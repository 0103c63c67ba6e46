"""A `hadoop` with `fs -stat`, `-ls -C -d`, `-cat`, `-get` and `-checksum`, over a local folder.

    fake_hadoop.py ROOT LOG fs -stat FORMAT hdfs:///...

It prints the same as Hadoop 3.4, and notes each call.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

#: Arguments before the paths.
N_OPTIONS = {"-stat": 1, "-ls": 2, "-cat": 0, "-get": 0, "-checksum": 0}


def main(root: Path, log: Path, command: str, arguments: list[str]) -> int:
    """Answer one call."""
    with log.open("a") as stream:
        stream.write(f"{command} {' '.join(arguments)}\n")
    status = 0
    target = Path(arguments.pop()) if command == "-get" else None
    for argument in arguments[N_OPTIONS[command] :]:
        name = argument.removeprefix("hdfs://").lstrip("/")
        paths = sorted(root.glob(name))
        problem = "" if paths else f"`{argument}': No such file or directory"
        if "forbidden" in name:
            problem = "Permission denied: user=me, access=READ"
        if problem:
            sys.stderr.write(f"{command[1:]}: {problem}\n")
            status = 1
        for path in paths if target is None else ():
            sys.stdout.buffer.writelines(
                format_output(command, path, f"hdfs:///{path.relative_to(root)}")
            )
        if target is not None and not problem:
            target.write_bytes(paths[0].read_bytes())
    return status


def format_output(command: str, path: Path, uri: str) -> Iterator[bytes]:
    """Yield the output of a command for a path."""
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
