from __future__ import annotations

import shutil
import sysconfig
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.files.splits import Split, read_split
from gafreduce.jobs.formats import columnar_block
from gafreduce.jobs.formats.columnar_block import ColumnarBlock, Positions, combinations, new_cells
from gafreduce.jobs.mapper.mapper import ProfileMapper
from gafreduce.jobs.mapper.token_cache import TaxonCache
from gafreduce.jobs.native import loader
from gafreduce.jobs.rules.cell_rules import PLAIN_TAXON
from gafreduce.ontology.cache import load_term_file

REPOSITORY = Path(__file__).parents[3]

AT = Positions(database=0, local_id=1, taxon=12, combination=(3, 4, 6, 8))
WHOLE = "\t".join(f"cell{number}" for number in range(17))


class Joined(dict[columnar_block.Combination, bytes]):
    """The token of a combination: its cells."""

    def __init__(self) -> None:
        super().__init__()
        self.special: set[bytes] = set()
        self.seen = new_cells()

    def __missing__(self, cells: columnar_block.Combination) -> bytes:
        self[cells] = token = b"|".join(cells)
        if token.startswith(b"a"):
            self.special.add(token)
        return token


def in_both(read: Callable[[], object]) -> list[object]:
    """Return what is read in Python, and what with the C extension."""
    with patch.object(loader, "module", None):
        plain = read()
    return [plain, read()]


def table_of(text: str | bytes) -> ColumnarBlock | None:
    return columnar_block.read_columns(text.encode() if isinstance(text, str) else text, 15, AT)


def test_c_extension_is_built_when_there_is_a_compiler() -> None:
    """Else all comparisons below would compare Python with itself."""
    headers = Path(sysconfig.get_path("include"), "Python.h")
    if shutil.which("cc") and headers.exists():
        assert loader.module is not None
        assert "_compiled.ColumnarBlock" in repr(table_of(f"{WHOLE}\n"))


@pytest.mark.parametrize(
    ("block", "regular"),
    [
        ("\t".join("abcdefghijklmno") + "\n", True),
        ("\t".join("abcdefghijklmno") + "\n" + "\t".join("abcdefghijklmnop") + "\n", False),
        # one line longer and one shorter: as many cells as if all were alike
        (
            "\t".join("a" * 17) + "\n" + "\t".join("b" * 18) + "\n" + "\t".join("c" * 16) + "\n",
            False,
        ),
        ("\t".join("abc") + "\n", False),
        ("\t".join("abcdefghijklmno") + "\n\n", False),
        ("\n", False),
        ("", False),
    ],
)
def test_lines_of_different_width_are_no_columns(block: str, regular: bool) -> None:
    assert in_both(lambda: table_of(block) is not None) == [regular, regular]


def test_line_is_returned_unchanged() -> None:
    lines = [WHOLE, WHOLE.replace("cell1\t", "another\t")]

    def read() -> object:
        table = table_of("\n".join(lines) + "\n")
        assert table is not None
        return [table.line(0), table.line(1), table.column(1)]

    expected = [*(line.encode() for line in lines), [b"cell1", b"another"]]
    assert in_both(read) == [expected, expected]


def test_rows_have_cells_without_blanks_and_control_characters() -> None:
    line = WHOLE.replace("cell1\t", "  \x01a \x7f b \t").replace("cell16", "\r ")

    def read() -> object:
        table = table_of(f"{line}\n{WHOLE}\n")
        assert table is not None
        return table.rows([0, 1], [b"k\t", b"l\t"], (1, b"text", 16, 17))

    first = "k\t a   b\ttext\t \t\t" + line.replace("\t", " ").translate({1: 32, 127: 32, 13: 32})
    second = "l\tcell1\ttext\tcell16\t\t" + WHOLE.replace("\t", " ")
    expected = f"{first}\n{second}".encode()
    assert in_both(read) == [expected, expected]


def test_short_lines_with_the_cells_of_a_whole_one_are_no_columns() -> None:
    whole = "\t".join(["x"] * 17)
    first, second = "\t".join(["x"] * 5), "\t".join(["x"] * 12)
    assert table_of(f"{whole}\n{whole}\n") is not None
    for lines in (
        [whole, first, second],
        [whole, second, first, whole],
        [whole, first, second, first, second],
    ):
        text = "".join(f"{line}\n" for line in lines)
        assert in_both(lambda text=text: table_of(text)) == [None, None]


some_cells = st.sampled_from(
    [b"", b"a", b"b", b"a b", b"ab", b"\r", b"\0", b"\x7f", "é".encode(), b"x" * 300]
)


@given(st.integers(15, 18).flatmap(lambda width: st.lists(st.tuples(*[some_cells] * width))))
def test_c_extension_gives_the_same_results(lines: list[tuple[bytes, ...]]) -> None:
    text = b"".join(b"\t".join(cells) + b"\n" for cells in lines)

    def read() -> object:
        table = table_of(text)
        if table is None:
            return None
        known = new_cells()
        known.add(b"a")
        known.add(b"a")
        known.add(b"b", True)
        assert len(known) == 2
        numbers = list(range(0, len(lines), 2))
        starts = table.run_starts()
        answers = [
            (
                table.n_lines,
                table.width,
                starts,
                table.object_ids(starts),
                table.object_ids(numbers),
            ),
            table.organisms(numbers, TaxonCache()),
            table.tokens(Joined()),
            table.first_product(starts),
            table.first_product(numbers),
            sorted(table.look_up(0, new_cells())[0]),
            list(combinations(table)),
            [table.line(number) for number in numbers],
            table.rows(numbers, [b"%d\t" % n for n in numbers], (1, b"x\x01y ", 15, 17, b"", 0)),
            table.rows([], [], (1,)),
        ]
        for column in range(table.width):
            answers += [
                table.column(column),
                table.cells(column, numbers),
                table.find_empty(column),
                table.look_up(column, known),
                table.look_up(column, known),  # counts begin again
                table.find_lines(column, new_cells([b"a", b""])),
                [table.cell(number, column) for number in numbers],
            ]
        known.clear()
        return [*answers, len(known), table.look_up(0, known)]

    plain, other = in_both(read)
    assert plain == other
    assert (plain is None) is (not lines)


@given(st.binary(max_size=200) | st.lists(st.sampled_from([b"\t" * 14, b"\n", b"a"])).map(b"".join))
def test_any_bytes_are_columns_in_both_or_in_neither(text: bytes) -> None:
    def read() -> object:
        table = table_of(text + b"\n")
        return None if table is None else [table.line(n) for n in range(table.n_lines)]

    plain, other = in_both(read)
    assert plain == other


odd_taxa = st.sampled_from(
    ["taxon:0", "taxon:01", "taxon:", "Taxon:1", "taxon:1 ", "taxon:1|taxon:2", "1", "", "taxon:1é"]
)


@given(
    st.lists(
        st.one_of(odd_taxa, st.integers(1, 10**12).map("taxon:{}".format), st.just("taxon:7")),
        min_size=1,
    )
)
def test_c_extension_finds_the_same_organisms(cells: list[str]) -> None:
    lines = [WHOLE.split("\t") for _ in cells]
    for line, cell in zip(lines, cells, strict=True):
        line[AT.taxon] = cell
    text = "".join("\t".join(line) + "\n" for line in lines)

    def read() -> object:
        table = table_of(text)
        assert table is not None
        return table.organisms(list(range(len(cells))), TaxonCache())

    plain, other = in_both(read)
    assert plain == other
    taxa = TaxonCache()
    organisms = [taxa[cell.encode()] for cell in cells]
    assert plain == (
        organisms,
        {c.encode() for c in cells if not PLAIN_TAXON.fullmatch(c.encode())},
    )


def test_tokens_of_many_combinations_are_right() -> None:
    """More than a first table of them holds."""
    lines = [WHOLE.replace("cell4", f"GO:{number}") for number in range(3000)]
    text = "".join(f"{line}\n" for line in [*lines, *lines])

    def read() -> object:
        table, tokens = table_of(text), Joined()
        assert table is not None
        found = table.tokens(tokens), table.tokens(tokens)
        assert len(tokens) == 3000
        tokens.seen.clear()
        return [*found, table.tokens(tokens)]

    plain, other = in_both(read)
    assert plain == other


def test_numbers_of_lines_and_columns_are_checked() -> None:
    if not loader.has_extension():
        pytest.skip("needs the C extension")
    table = loader.module.read_columns(f"{WHOLE}\n".encode(), 15, AT)
    for ask in (
        lambda: table.line(1),
        lambda: table.line(-1),
        lambda: table.cell(0, 17),
        lambda: table.cells(3, [5]),
        lambda: table.column(-1),
        lambda: table.find_empty(17),
        lambda: table.look_up(99, new_cells()),
        lambda: table.find_lines(17, new_cells()),
        lambda: table.organisms([1], TaxonCache()),
        lambda: table.object_ids([1]),
        lambda: table.first_product([1]),
        lambda: table.rows([1], [b""], ()),
        lambda: table.rows([0], [], ()),
        lambda: table.rows([0], [b""], (-1,)),
        lambda: loader.module.read_columns(f"{WHOLE}\n".encode(), 15, AT._replace(taxon=17)),
        lambda: loader.module.read_columns(
            f"{WHOLE}\n".encode(), 15, AT._replace(combination=(1, 2, 3, -1))
        ),
        lambda: type(table)().line(0),
    ):
        with pytest.raises(IndexError):
            ask()
    with pytest.raises(TypeError):
        loader.module.read_columns("text", 15, AT)


@pytest.mark.parametrize(
    "record",
    [b"too\tfew\tfields\n", b"k\tDB:1\t=0\t1\t99x\n", b"k\tDB:1\t=0\t1\tGO:1Zx\n", b"\n"],
)
def test_lines_that_are_no_records_are_refused(record: bytes) -> None:
    if not loader.has_extension():
        pytest.skip("needs the C extension")
    counts = loader.module.TermCounts(b"", b"P", [b"GO:0000001"], [], "P", [])
    with pytest.raises(ValueError, match="expected records"):
        counts.add(record)


@pytest.mark.parametrize(
    "given",
    [
        (b"5", b"P", [b"GO:1"], [], "P"),
        (b"x", b"P", [b"GO:1"], [], "P"),
        (b"0 ", b"P", [b"GO:1"], [], "P"),
        (b"\n", b"P", [b"GO:1"], [], "P"),
        (b"", b"PP", [b"GO:1", b"GO:2"], [], "P"),
        (b"", b"PP", [b"GO:1"], [], "P"),
        (b"", b"Z", [b"GO:1"], [], "P"),
        (b"", b"P", [b"GO:1"], [], "Z"),
        (b"", b"P", [b"GO:1"], [], ""),
    ],
)
def test_damaged_term_file_is_refused(given: tuple[object, ...]) -> None:
    if not loader.has_extension():
        pytest.skip("needs the C extension")
    with pytest.raises(ValueError, match="whole term file"):
        loader.module.TermCounts(*given, [])


@pytest.mark.parametrize("scope", ["full", "target"])
@pytest.mark.parametrize(
    "folder",
    [
        "data/samples",
        "../shared/data/formats",
        "../shared/data/seven-organisms/excerpt",
        "../shared/data/seven-organisms/whole",
    ],
)
def test_real_files_give_the_same_records_and_counts(
    folder: str, scope: str, samples: Path
) -> None:
    """Regular or not: every block goes through whichever path takes it."""
    found = REPOSITORY / folder
    if not found.is_dir():
        pytest.skip("needs ../shared")
    terms = load_term_file(samples / "go-samples.obo", "GO:0030420", ("is_a", "part_of")).terms
    n_lines = 0
    for path in sorted(filter(Path.is_file, found.iterdir())):
        split = Split(str(path), 0, path.stat().st_size)
        source = InputFile(str(path), path.name, "gaf", "plain", split.length)

        def read(split: Split = split, source: InputFile = source) -> object:
            counts = FileCounts(0)
            mapper = ProfileMapper(terms, scope == "target")
            said = list(mapper.map_blocks(source, read_split(split).blocks, counts))
            return said, sorted(counts.encode()), counts.n_lines

        plain, other = in_both(read)
        assert plain == other
        n_lines += sum(block.count(b"\n") for block in read_split(split).blocks)
    assert n_lines > 0
