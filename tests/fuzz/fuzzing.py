"""Fuzz sniffing, readers, the job and conversion with randomly damaged files of every format.

    python tests/fuzz/fuzzing.py --seconds 60
    python tests/fuzz/fuzzing.py --lines 10000000 --seed 7 --formats biomart table

The corpus is the example files of tests/jobs/formats/format_examples.py. `check` has the conditions
that hold for every batch of lines; a batch that violates one is minimised to the lines that matter,
written to a file, and ends the run.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import importlib
import random
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from gafreduce.jobs.accounting.line_counts import EXAMPLE_BYTES, N_EXAMPLES, FileCounts
from gafreduce.jobs.convert.annotation_lines import read_annotations
from gafreduce.jobs.convert.completion import TermFacts, new_losses
from gafreduce.jobs.convert.gaf_writer import GafWriter
from gafreduce.jobs.convert.gpad_writer import GpadWriter
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import columnar_block, detection, gpi, registry
from gafreduce.jobs.formats.registry import FormatError
from gafreduce.jobs.mapper.mapper import ProfileMapper
from gafreduce.jobs.mapper.plain_rows import PlainRows, SplitBlock

TESTS = Path(__file__).parents[1]
#: Lines of a batch; seconds after which one is taken for a hang.
BATCH = 2000
HANG_SECONDS = 120
#: How often a batch is sniffed, and converted, too.
EVERY = 10

TOKENS = (
    *(b"", b" ", b"-", b"|", b":", b"\x00", b"\x01", b"\x7f", b"\r", b"\xff", b"\xc3", b"\xe9"),
    *(b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xc2\x85", b"%"),
    *(b"GO:0030420", b"GO:0000000", b"GO:1", b"go:0030420", b"GO:00304200", b"GO:\xd9\xa1234567"),
    *(b"NOT", b"not|enables", b"NOT|", b"|NOT|", b"involved_in", b"enables|part_of", b"RO:0002331"),
    *(b"IEA", b"ida", b"ND", b"IKR", b"ECO:0000314", b"ECO:0007295", b"ECO:9", b"NR", b"IEA|IDA"),
    *(b"taxon:1", b"taxon:0", b"taxon:99999999999", b"taxon:1|taxon:2", b"NCBITaxon:9606", b"9606"),
    *(b"P", b"F", b"C", b"molecular_function", b"20240101", b"2024-01-01", b"\xd9\xa2", b"1e309"),
    *(b'"', b'"a', b"\\", b"!", b"#", b"!gaf-version: 2.2", b"##", b"GO:0030420;GO:1", b"a" * 300),
    *(b"UniProtKB", b"UniProtKB:P1", b"sp|P12345|X", b"local", b"PR:P39694", b"P39694-2", b"\t"),
)
_DIGITS = re.compile(rb"[0-9]+")


class FuzzError(AssertionError):
    """A condition that must hold does not."""


class Tally(NamedTuple):
    """Counts of the lines of one format."""

    n_lines: int = 0
    n_kept: int = 0
    n_rejected: int = 0


def load_examples() -> Any:
    """Return the module with the example files and their terms."""
    sys.path += [str(TESTS / "house"), str(TESTS / "jobs" / "formats")]  # as in pyproject.toml
    return importlib.import_module("format_examples")


def known_reasons() -> set[str]:
    """Return the reasons of rejections that docs/formats.md has."""
    text = (TESTS.parent / "docs" / "formats.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| (\w+) \| GORULE", text, re.MULTILINE))


class Mutator:
    """Draws lines from those of an example."""

    def __init__(self, dice: random.Random, lines: Sequence[bytes]) -> None:
        self._dice = dice
        self._lines = lines
        self._data = [line for line in lines if not line.startswith((b"!", b"#"))]

    def lines(self, n_lines: int, rate: float) -> list[bytes]:
        """Return lines, each damaged with this probability, each with numbers of its own."""
        dice = self._dice
        made = []
        # a header among the lines keeps a block from being read as columns
        lines = self._data if dice.random() < 0.7 else self._lines
        for line in dice.choices(lines, k=n_lines):
            if dice.random() < 0.7:
                line = self._renumbered(line)
            while dice.random() < rate:
                line = self._damaged(line)
                if dice.random() < 0.5:
                    break
            made.append(line.replace(b"\n", b" "))
        return made

    def _renumbered(self, line: bytes) -> bytes:
        """Return the line with one of its numbers changed: other ids, taxa, dates."""
        numbers = list(_DIGITS.finditer(line))
        if not numbers:
            return line
        found = self._dice.choice(numbers)
        width = len(found[0])
        other = b"%0*d" % (width, self._dice.randrange(10 ** min(width, 2)))
        return line[: found.start()] + other[-width:] + line[found.end() :]

    def _damaged(self, line: bytes) -> bytes:
        dice = self._dice
        kind = dice.randrange(9)
        if kind == 0 and line:
            at = dice.randrange(len(line))
            return line[:at] + bytes([dice.randrange(256)]) + line[at + 1 :]
        if kind == 1:
            at = dice.randrange(len(line) + 1)
            return line[:at] + dice.choice(TOKENS) + line[at:]
        if kind == 2:
            return line[: dice.randrange(len(line) + 1)]
        if kind == 3:
            return line + dice.choice((b"\t", b"", b"\r", b" ")) + dice.choice(self._lines)
        cells = line.split(b"\t")
        at = dice.randrange(len(cells))
        if kind == 4:
            other = dice.randrange(len(cells))
            cells[at], cells[other] = cells[other], cells[at]
        elif kind == 5:
            del cells[at]
        elif kind == 6:
            cells[at:at] = [dice.choice(TOKENS)] * dice.choice((1, 1, 3))
        elif kind == 7:
            cells[at] = dice.choice((cells[at].upper(), cells[at].lower(), cells[at] * 3))
        else:
            cells[at] = dice.choice(TOKENS)
        return b"\t".join(cells)


class Target:
    """One example of a format, used as the source of all lines."""

    def __init__(self, example: Any, terms: Any) -> None:
        self.name: str = example.name or example.format
        self.format: str = example.format
        self.source: InputFile = example.source()
        self.lines: list[bytes] = example.lines
        self._terms = terms
        self._reasons = known_reasons()

    def check(self, lines: Sequence[bytes], dice: random.Random) -> Tally:
        """Check the conditions that hold for any lines.

        Raises:
            FuzzError: It does not.
        """
        text = b"".join(line + b"\n" for line in lines)
        counts = FileCounts(0)
        records = self._records(blocks_of(text, dice), counts, by_columns=True)
        n_rejected = sum(refused.n_lines for refused in counts.refused.values())
        total = counts.n_header + counts.n_blank + counts.n_kept + n_rejected
        expect(counts.n_lines == text.count(b"\n") == total, "every line is counted once")
        expect(
            set(counts.refused) <= self._reasons, "every refusal has a reason that is documented"
        )
        for refused in counts.refused.values():
            expect(len(refused.examples) <= N_EXAMPLES, "examples are few")
            expect(all(len(e.encode()) <= EXAMPLE_BYTES for e in refused.examples), "and short")
        check_records(records)
        expect(sum(map(lines_of, records)) == counts.n_kept, "runs have all lines that are kept")
        other = FileCounts(0)
        line_by_line = self._records([text] if text else [], other, by_columns=False)
        expect(sums(records) == sums(line_by_line), "columns and lines give the same records")
        expect(said(counts) == said(other), "columns and lines give the same counts")
        return Tally(counts.n_lines, counts.n_kept, n_rejected)

    def _records(
        self, blocks: Sequence[bytes], counts: FileCounts, *, by_columns: bool
    ) -> list[bytes]:
        mapper = ProfileMapper(self._terms, target_only=False)
        read = columnar_block.read_columns if by_columns else lambda *_: None
        split = PlainRows.split if by_columns else split_nothing
        with (
            patch.object(columnar_block, "read_columns", read),
            patch.object(PlainRows, "split", split),
        ):
            texts = chain.from_iterable(mapper.map_blocks(self.source, blocks, counts))
            return [record for text in texts for record in text.split(b"\n")]

    def check_conversion(self, lines: Sequence[bytes]) -> None:
        """Check that all annotations can be written in both formats, a line each."""
        block = b"".join(line + b"\n" for line in lines)
        losses = new_losses()
        writers = (
            GafWriter(TermFacts(None), losses),
            GpadWriter(TermFacts(None), losses, True),
        )
        for annotation in read_annotations(self.source, [block], FileCounts(0)):
            for writer in writers:
                line = writer.make_line(annotation)
                expect("\n" not in line and "\r" not in line, "an annotation is one line")


def split_nothing(_: PlainRows, block: bytes, lines: Sequence[bytes]) -> SplitBlock:
    """Split no row of a block, so that all are read."""
    return SplitBlock((), [None] * len(lines), [None] * len(lines), {})


def blocks_of(text: bytes, dice: random.Random) -> list[bytes]:
    """Return whole lines in blocks cut anywhere between them."""
    blocks = []
    while text:
        end = text.find(b"\n", dice.randrange(len(text))) + 1
        blocks.append(text[:end])
        text = text[end:]
    return blocks


def check_records(records: Sequence[bytes]) -> None:
    """Check that records cross a shuffle unharmed: no byte of a key may end a field or a line."""
    for record in records:
        key, object_id, kind, value = record.split(b"\t", 3)
        expect(b"\r" not in record, "a record is one line")
        expect(re.fullmatch(rb"[0-9]{12}\.[0-9]{2}", key) is not None, "a key is taxon and bucket")
        expect(not re.search(rb"[\x00-\x1f\x7f]", object_id), "an id has no control character")
        if kind.partition(b"/")[0] == b"=0":
            n_said, _, tokens = value.partition(b"\t")
            expect(int(n_said) == len(tokens.split(b" ")), "a run has a token for all it says")


def lines_of(record: bytes) -> int:
    """Return how many lines end in a record of a run; none in others."""
    _, _, kind, value = record.split(b"\t", 3)
    file, slash, n_lines = kind.partition(b"/")
    return int(n_lines if slash else value.partition(b"\t")[0]) if file == b"=0" else 0


def sums(records: Sequence[bytes]) -> Counter[bytes]:
    """Return rows and tokens with how often they are there, however lines were put together."""
    found: Counter[bytes] = Counter()
    for record in records:
        key, object_id, kind, value = record.split(b"\t", 3)
        if kind.partition(b"/")[0] == b"=0":
            tokens = value.partition(b"\t")[2].split(b" ")
            found.update(b"%s\t%s\t%s" % (key, object_id, token) for token in tokens)
        else:
            found[record] += 1
    return found


def said(counts: FileCounts) -> dict[str, object]:
    """Return all that was counted."""
    return {name: value for name, value in vars(counts).items() if not name.startswith("_")}


def check_sniffing(text: bytes) -> None:
    """Check that the beginning of a file is of one format, or refused in words."""
    try:
        found = detection.sniff(text, "x")
        expect(found.format in registry.FORMATS, "a format that is known")
    except FormatError as error:
        expect(str(error).startswith("x: expected "), "a refusal in words")
    for name in registry.FORMATS:
        layout = detection.sniff(text, "x", name).layout
        source = InputFile("x", "x", name, "plain", len(text), 1, "", layout)
        try:
            registry.make_reader(source)
        except FormatError as error:
            expect(str(error).startswith("x: expected "), "a refusal in words")
    for line in text.split(b"\n")[:50]:
        gpi.parse_line(line.decode("utf-8", "replace"), "x")


def expect(holds: bool, what: str) -> None:
    if not holds:
        raise FuzzError(f"does not hold: {what}")


def targets() -> list[Target]:
    module = load_examples()
    return [Target(example, module.TERMS) for example in module.EXAMPLES]


def batches(
    dice: random.Random, formats: Sequence[str] = ()
) -> Iterator[tuple[int, Target, list[bytes]]]:
    """Yield batches of lines without end: of each target in turn, sound and damaged ones."""
    known = [target for target in targets() if not formats or target.format in formats]
    mutators = [Mutator(dice, target.lines) for target in known]
    number = 0
    while True:
        for target, mutator in zip(known, mutators, strict=True):
            number += 1
            rate = dice.choice((0.0, 0.002, 0.05, 0.5, 0.9))
            yield number, target, mutator.lines(BATCH, rate)


def check_batch(number: int, target: Target, lines: list[bytes], dice: random.Random) -> Tally:
    tally = target.check(lines, dice)
    if number % EVERY == 0:
        check_sniffing(b"\n".join(lines[: dice.choice((1, 3, 30, 300))]))
        target.check_conversion(lines)
    return tally


def giants(target: Target) -> Iterator[tuple[str, bytes]]:
    """Yield lines that are too large in every way, made of a sound line."""
    cells = max(target.lines, key=len).split(b"\t")
    for at in range(len(cells)):
        yield f"10 MB in column {at + 1}", b"\t".join([*cells[:at], b"x" * 10**7, *cells[at + 1 :]])
    yield "10 MB of NUL", b"\0" * 10**7
    yield "10 MB of surrogates", b"\xed\xa0\x80" * (10**7 // 3)
    yield "a million tabs", b"\t" * 10**6
    yield "a sound line and a million tabs", b"\t".join(cells) + b"\t" * 10**6
    yield "a million terms", b"\t".join([cells[0], b"GO:0030420;" * 10**6])
    for at in range(len(cells)):
        for text in (b"|", b"NOT|", b"a,", b"GO:1 "):
            many = text * 10**6
            yield (
                f"a million {text!r} in {at + 1}",
                b"\t".join([*cells[:at], many, *cells[at + 1 :]]),
            )


def peak_mb() -> float:
    """Return the largest memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def cut_down(number: int, target: Target, lines: list[bytes], seed: int) -> list[bytes]:
    """Return as few of the lines as still fail."""

    def fails(some: list[bytes]) -> bool:
        try:
            check_batch(number, target, some, random.Random(seed))
        except Exception:  # whatever it is, it is what is looked for
            return True
        return False

    step = len(lines) // 2
    while step:
        start = 0
        while start < len(lines):
            fewer = lines[:start] + lines[start + step :]
            if fewer and fails(fewer):
                lines = fewer
            else:
                start += step
        step //= 2
    return lines


@contextlib.contextmanager
def no_hang() -> Iterator[None]:
    """Exit the process with a traceback if the block takes too long."""
    faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def fuzz(seconds: float, n_lines: int, seed: int, formats: Sequence[str] = ()) -> dict[str, Tally]:
    """Check batches until so many seconds have passed, or lines been read.

    Raises:
        FuzzError: Something does not hold; the lines are in `fuzz-failure.txt`.
    """
    dice = random.Random(seed)
    tallies: dict[str, Tally] = {}
    end = time.monotonic() + seconds
    early = 0.0
    total = 0
    for number, target, lines in batches(dice, formats):
        try:
            with no_hang():
                tally = check_batch(number, target, lines, random.Random(number))
        except Exception as error:
            fewer = cut_down(number, target, lines, number)
            Path("fuzz-failure.txt").write_bytes(b"\n".join(fewer) + b"\n")
            raise FuzzError(f"{target.name}, batch {number} of seed {seed}: {error!r}") from error
        before = tallies.get(target.name, Tally())
        tallies[target.name] = Tally(*(a + b for a, b in zip(before, tally, strict=True)))
        total += len(lines)
        if number == 200:
            early = peak_mb()
        if time.monotonic() > end or total >= n_lines:
            break
    say(f"{total:,} lines, peak {peak_mb():.0f} MB, {early:.0f} MB after 200 batches")
    return tallies


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60, help="time budget (default: 60)")
    parser.add_argument("--lines", type=int, default=10**12, help="stop after so many lines")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--formats", nargs="+", default=(), help="names (default: all)")
    parser.add_argument("--giants", action="store_true", help="lines of 10 MB and the like first")
    arguments = parser.parse_args()
    start = time.monotonic()
    if arguments.giants:
        for target in targets():
            for what, line in giants(target):
                begun = time.monotonic()
                with no_hang():
                    target.check([line, target.lines[-1]], random.Random(1))
                if (took := time.monotonic() - begun) > 5:
                    say(f"{target.name}: {what}: {took:.1f} s")
            say(f"{target.name}: giants read, peak {peak_mb():.0f} MB")
    tallies = fuzz(arguments.seconds, arguments.lines, arguments.seed, arguments.formats)
    say("format\tlines\tkept\trejected")
    for name, tally in tallies.items():
        say(f"{name}\t{tally.n_lines:,}\t{tally.n_kept:,}\t{tally.n_rejected:,}")
    say(f"{time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
