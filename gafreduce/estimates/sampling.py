"""Count the lines of inputs, from the first megabyte of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from gafreduce.inputs import content
from gafreduce.inputs.listed_input import ListedInput
from gafreduce.jobs.formats import registry
from gafreduce.jobs.model.annotation import Rejection
from gafreduce.storage.base import Storage
from gafreduce.storage.resolve import StorageResolver

#: Stored bytes that are read of each input.
SAMPLE_BYTES = 1 << 20
#: Text that a sample may have: a megabyte of zeros has a gigabyte.
_MOST_TEXT = 64 << 20
#: One of so many lines is parsed for its taxon.
_LINES_APART = 97
#: A taxon with fewer lines, relative to the largest of its file, is a stray.
_STRAY_SHARE = 0.02
_STRAY_LINES = 30


class InputSample(NamedTuple):
    """The size of one input, by its sample."""

    source_file: str
    stored_bytes: int
    text_bytes: int  # estimated, unless the whole file was read
    lines: int  # without headers and blank lines; estimated, unless the whole file was read
    taxa: frozenset[int]  # that the sample shows
    is_whole: bool


def sample_inputs(
    inputs: Sequence[ListedInput], resolver: StorageResolver
) -> tuple[InputSample, ...]:
    """Read the beginning of each input; return their sizes in the order of the inputs.

    Raises:
        GafreduceError: One cannot be read, or is damaged.
    """
    return tuple(_sample(each, resolver.open(each.uri)) for each in inputs)


def _sample(listed: ListedInput, storage: Storage) -> InputSample:
    stored = storage.read(listed.uri, listed.identity, SAMPLE_BYTES)[:SAMPLE_BYTES]
    text, n_read = content.inflate_part(stored, listed.compression, listed.source_file, _MOST_TEXT)
    is_whole = n_read >= listed.bytes
    if not is_whole:
        text = text[: text.rfind(b"\n") + 1] or text
    reader = registry.make_reader(listed.input_file()) if not listed.companion else None
    lines = [
        line
        for line in text.split(b"\n")
        if line.strip() and not (reader or _PLAIN).is_header(line)
    ]
    share = n_read / listed.bytes if listed.bytes else 1.0
    return InputSample(
        source_file=listed.source_file,
        stored_bytes=listed.bytes,
        text_bytes=len(text) if is_whole else round(len(text) / share),
        lines=len(lines) if is_whole else round(len(lines) / share),
        taxa=frozenset({listed.taxon_id} if reader is None else _find_taxa(reader, lines)),
        is_whole=is_whole,
    )


class _PlainLines:
    """Tells headers from lines where no reader can be made."""

    @staticmethod
    def is_header(line: bytes) -> bool:
        """Return whether a line is a header of one of GO's formats."""
        return line.startswith(b"!")


_PLAIN = _PlainLines()


def _find_taxa(reader: Any, lines: Sequence[bytes]) -> Iterable[int]:
    """Return the taxa of some lines, without those that are strays beside the largest."""
    counts: Counter[int] = Counter()
    step = _LINES_APART if len(lines) > _LINES_APART * 100 else 1
    for line in lines[::step]:
        annotations = reader.parse(line.rstrip(b"\r"))
        if not isinstance(annotations, Rejection):
            counts.update(each.taxon_id for each in annotations)
    most = max(counts.values(), default=0)
    least = max(most * _STRAY_SHARE, min(most, _STRAY_LINES) if step == 1 else 0)
    return [taxon for taxon, number in counts.items() if number >= least]
