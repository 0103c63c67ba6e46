"""A short run of `make fuzz`, and a test that it would see what it looks for."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import fuzzing
import pytest
from fuzzing import FuzzError, Target

from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import registry
from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.mapper.mapper import ProfileMapper
from gafreduce.jobs.model.annotation import Annotation, Rejection

TARGETS = fuzzing.targets()
ONE_OF_EACH_FORMAT = list({target.format: target for target in reversed(TARGETS)}.values())


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_damaged_lines_are_kept_or_refused_with_a_reason(target: Target) -> None:
    dice = random.Random(target.name)
    mutator = fuzzing.Mutator(dice, target.lines)
    for rate in (0.0, 0.01, 0.5):
        lines = mutator.lines(500, rate)
        tally = target.check(lines, dice)
        assert tally.n_lines == 500
        target.check_conversion(lines)
        fuzzing.check_sniffing(b"\n".join(lines[:30]))


@pytest.mark.parametrize("target", ONE_OF_EACH_FORMAT, ids=lambda target: target.name)
def test_huge_lines_are_accepted(target: Target) -> None:
    giants = dict(fuzzing.giants(target))
    for what in ("10 MB in column 1", "10 MB of surrogates", "a million tabs"):
        tally = target.check([giants[what], target.lines[-1]], random.Random(1))
        assert tally.n_lines == 2


def test_lost_line_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    def lossy(
        self: ProfileMapper, source: InputFile, blocks: Iterable[bytes], counts: FileCounts
    ) -> Iterator[list[bytes]]:
        yield from records(
            self, source, (block.replace(b"\n\n", b"\n") for block in blocks), counts
        )

    records = ProfileMapper.map_blocks
    monkeypatch.setattr(ProfileMapper, "map_blocks", lossy)
    with pytest.raises(FuzzError, match="every line is counted once"):
        TARGETS[0].check([b"", b"", TARGETS[0].lines[-1]], random.Random(1))


def test_reader_that_raises_is_detected_and_lines_are_minimised(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reader = type(registry.make_reader(TARGETS[0].source))

    def fragile(self: LineReader, line: bytes) -> list[Annotation] | Rejection:
        if b"\x7f" in line:
            raise IndexError("out of range")
        return parse(self, line)

    parse = reader.parse
    monkeypatch.setattr(reader, "parse", fragile)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FuzzError, match="IndexError"):
        fuzzing.fuzz(seconds=60, n_lines=10**6, seed=3)
    (line,) = Path("fuzz-failure.txt").read_bytes().splitlines()
    assert b"\x7f" in line
