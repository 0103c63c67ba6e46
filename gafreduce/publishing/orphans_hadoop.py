"""Leftovers in a Hadoop's file system: the folders of runs that were killed."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from gafreduce.publishing.orphans import Leftover, Leftovers
from gafreduce.storage import hadoop
from gafreduce.storage.hadoop import Hadoop, HadoopError

#: A line of `hadoop fs -ls`: rights, copies, owner, group, size, date, time, path.
_LINE = re.compile(r"d\S+\s+\S+\s+\S+\s+\S+\s+\d+\s+(\S+ \S+)\s+(\S+)")


def found(older_than: float, conf: Path | None = None) -> Leftovers:
    """Yield the folders of attempts that are older.

    Raises:
        HadoopError: There is no Hadoop.
    """
    client = Hadoop(hadoop.find_binary(), hadoop.temporary(conf))
    try:
        said = client.call("fs", "-ls", f"{client.folder}/*")
    except HadoopError as error:
        if "No such file" in str(error):
            return
        raise
    for line in said.splitlines():
        match = _LINE.fullmatch(line.strip())
        if match is None:
            continue
        changed = datetime.strptime(match.group(1), "%Y-%m-%d %H:%M").astimezone()
        age = (datetime.now().astimezone() - changed).total_seconds()
        if age >= older_than:
            yield Leftover(
                match.group(2),
                "files of an attempt that ended",
                age,
                Hadoop(client.binary, match.group(2)).remove,
            )
