"""Every format, the sample sheet and the options have one rule for taxon ids."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from format_examples import EXAMPLES, TAXON, TERMS, Example

from gafreduce.cli.options import parse_taxon
from gafreduce.errors import InputError
from gafreduce.inputs import sample_sheet
from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import registry
from gafreduce.jobs.mapper.mapper import ProfileMapper
from gafreduce.jobs.model.annotation import Rejection
from gafreduce.jobs.model.taxon import MAX_TAXON_ID

NO_TAXA = ["0", "-1", str(2**31), str(2**32 + 1), str(2**63), "9" * 12, "1" * 5000]
WITH_TAXON = [example for example in EXAMPLES if not example.needs_taxon]

each_example = pytest.mark.parametrize(
    "example", WITH_TAXON, ids=[example.name or example.format for example in WITH_TAXON]
)


@each_example
@pytest.mark.parametrize("number", NO_TAXA, ids=lambda number: number[:12])
@pytest.mark.parametrize("given", [0, 562])
def test_lines_without_a_taxon_id_are_rejected(example: Example, number: str, given: int) -> None:
    text = example.text.replace(str(TAXON), number).encode()
    assert number in text.decode()
    counts = FileCounts(0)
    list(ProfileMapper(TERMS, False).map_blocks(example.source(given), [text], counts))
    assert set(counts.refused) == {"bad_taxon"}
    n_rejected = counts.refused["bad_taxon"].n_lines
    assert n_rejected == counts.n_lines - counts.n_header - counts.n_blank
    assert n_rejected >= len(example.lines) - example.n_header - example.n_blank > 0


@each_example
def test_the_largest_taxon_id_is_read(example: Example) -> None:
    for line in example.text.replace(str(TAXON), str(MAX_TAXON_ID)).encode().split(b"\n")[:-1]:
        reader = example.reader()
        if line.strip() and not reader.is_header(line):
            annotations = reader.parse(line)
            assert not isinstance(annotations, Rejection)
            assert {each.taxon_id for each in annotations} <= {MAX_TAXON_ID}


def test_gene_products_without_a_taxon_id_are_rejected(tmp_path: Path) -> None:
    gpi = tmp_path / "x.gpi"
    gpi.write_text("!gpi-version: 1.2\n" + f"UniProtKB\tP1\ts\tn\t\tprotein\ttaxon:{2**63}\t\t\t\n")
    line = b"UniProtKB\tP1\tinvolved_in\tGO:0030420\tPMID:1\tECO:0000501\t\t\t20200101\tX\t\t"
    source = InputFile("x", "x", "gpad", "plain", 1, companion=str(gpi))
    for each in (source, source._replace(taxon_id=562)):
        rejection = registry.make_reader(each).parse(line)
        assert isinstance(rejection, Rejection)
        assert rejection.reason == "bad_taxon"


@pytest.mark.parametrize("second", [str(2**31), str(2**63)], ids=lambda number: number[:12])
def test_second_taxon_that_is_none_is_left_out_and_found(second: str) -> None:
    (example,) = [each for each in EXAMPLES if each.format == "gaf"][:1]
    text = example.text.replace(f"taxon:{TAXON}", f"taxon:{TAXON}|taxon:{second}").encode()
    counts = FileCounts(0)
    list(ProfileMapper(TERMS, False).map_blocks(example.source(), [text], counts))
    assert counts.n_kept == len(example.lines) - example.n_header - example.n_blank
    assert "odd_taxon" in {found.word for found in counts.found}


@pytest.mark.parametrize("number", NO_TAXA, ids=lambda number: number[:12])
def test_sheets_names_and_options_refuse_the_same_numbers(tmp_path: Path, number: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="expected a taxon id such as"):
        parse_taxon(number)
    is_long = len(number) > 4_096
    expected = "expected cells of at most 4,096" if is_long else "expected a taxon id such as"
    sheet = tmp_path / "inputs.tsv"
    sheet.write_text(f"path\ttaxon_id\nx.gaf\t{number}\n")
    with pytest.raises(InputError, match=rf"inputs\.tsv:2: {expected}"):
        sample_sheet.read_sheet(sheet, str(tmp_path))
    names = tmp_path / "names.tsv"
    names.write_text(f"562\tx\n{number}\ty\n")
    with pytest.raises(InputError, match=rf"names\.tsv:2: {expected}"):
        sample_sheet.read_organism_names(names)


def test_sheets_and_options_take_the_largest_taxon_id(tmp_path: Path) -> None:
    assert parse_taxon(str(MAX_TAXON_ID)) == MAX_TAXON_ID == 2**31 - 1
    sheet = tmp_path / "inputs.tsv"
    sheet.write_text(f"path\ttaxon_id\nx.gaf\ttaxon:{MAX_TAXON_ID}\n")
    assert sample_sheet.read_sheet(sheet, str(tmp_path))[0].taxon_id == MAX_TAXON_ID
