"""What files of a user's own gene products have in common: their taxon is told beside them."""

from __future__ import annotations

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.base import FormatError


def taxon_of(source: InputFile, kind: str) -> int:
    """Return the taxon that the sample sheet gives to a file without a column for it.

    Args:
        source: The file's row of the input list.
        kind: What to call such a file.

    Raises:
        FormatError: The sheet gives none.
    """
    if not source.taxon_id:
        raise FormatError(
            f"{source.uri}: expected a taxon for {kind}, which has no column for it, got none "
            "(name it, --taxon, or in a sample sheet, column `taxon_id`)"
        )
    return source.taxon_id
