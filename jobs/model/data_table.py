"""Tables of facts that come with the package, as TSV files next to the modules that use them.

They are read through the package's loader, so they are found in a folder and in the zip that nodes
import alike.
"""

from __future__ import annotations

import pkgutil
from typing import Iterator, Sequence, Tuple


def read_data_table(
    package: str, file_name: str, columns: Sequence[str]
) -> Iterator[Tuple[str, ...]]:
    """Yield the rows of a table, each with one cell for each of the columns.

    Args:
        package: The package with the file, such as `gafreduce.jobs.rules`.
        file_name: A TSV file: UTF-8, a header row, no comments, no quotes.
        columns: The names in its header row, in their order.

    Raises:
        ValueError: The header row or a row has other columns.
    """
    content = pkgutil.get_data(package, file_name)
    assert content is not None  # only for packages without files
    lines = content.decode("utf-8").splitlines()
    rows = [tuple(line.split("\t")) for line in lines]
    if rows[:1] != [tuple(columns)] or any(len(row) != len(columns) for row in rows):
        raise ValueError(f"{package}/{file_name}: expected the columns {', '.join(columns)}")
    yield from rows[1:]
