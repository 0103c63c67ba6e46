"""The page and its figures: hostile text, same bytes, unusual runs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import pytest

from gafreduce.cli.main import main as run_command
from gafreduce.errors import InputError
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.html import links
from gafreduce.reports.html.page import RowView, TableView, make_text_cell
from gafreduce.reports.html.render import main, render
from gafreduce.reports.summary.sentences import VERDICT_LABELS
from gafreduce.reports.summary.summary import read_summary
from gafreduce.reports.tables.reader import read_rows
from gafreduce.reports.tables.verdicts import VERDICTS

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title><b>bold",
    "{{ 7 * 7 }}",
    "javascript:alert(1)",
)


def gaf_line(taxon: int, product: str, go_id: str = "GO:0030420", **cells: str) -> str:
    row = {
        "db": "DB",
        "symbol": "sym",
        "relation": "",
        "reference": "PMID:1",
        "code": "IEA",
        "with": "",
        "name": "name",
        "synonyms": "",
        "type": "protein",
        "by": "X",
        "extension": "",
        "form": "",
    } | cells
    columns = [row["db"], product, row["symbol"], row["relation"], go_id, row["reference"]]
    columns += [row["code"], row["with"], "P", row["name"], row["synonyms"], row["type"]]
    columns += [f"taxon:{taxon}", "20200101", row["by"], row["extension"], row["form"]]
    return "\t".join(columns) + "\n"


def make_run(folder: Path, samples: Path, lines: str, *more: object, complete: bool = True) -> Path:
    """Make a run folder with its page from annotation lines.

    The sample sheet says that they are complete; if it does not, so few lines are a partial file.
    """
    (folder / "x.gaf").write_text(lines)
    sheet = folder / "inputs.tsv"
    sheet.write_text(f"path\tcomplete\nx.gaf\t{'true' if complete else ''}\n")
    out = folder / f"run{len(list(folder.glob('run*')))}"
    arguments = ["run", sheet, "--ontology", samples / "go-samples.obo", "-q", "--no-report"]
    assert run_command([str(each) for each in (*arguments, "-o", out, *more)]) == 0
    render(RunFolder(out))
    RunFolder(out).write_manifest()
    return out


@pytest.fixture
def make(samples: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that makes a run folder with its page from annotation lines."""
    return partial(make_run, tmp_path, samples)


@pytest.fixture(scope="module")
def two(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of two organisms with the term, which tests do not change."""
    lines = gaf_line(1, "P1") + gaf_line(2, "P2", code="IDA")
    return make_run(tmp_path_factory.mktemp("two"), samples, lines)


@pytest.fixture
def own_two(two: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(two, tmp_path / "two"))


class TagCollector(HTMLParser):
    """Lists the tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def parse_page(page: Path) -> TagCollector:
    parser = TagCollector()
    parser.feed(page.read_text(encoding="utf-8"))
    return parser


def test_hostile_text_is_escaped_in_every_column(make: Callable[..., Path], tmp_path: Path) -> None:
    columns = ("db", "symbol", "reference", "code", "with", "name", "synonyms", "type", "by")
    lines = "!gaf-version: 2.2\n"
    names = []
    for taxon, text in enumerate(HOSTILE, 1):
        cells = dict.fromkeys((*columns, "extension"), text)
        lines += gaf_line(taxon, text, **cells) + gaf_line(taxon, f"P{taxon}") + f"{text}\n"
        names.append(f"{taxon}\t{text}\n")
    (tmp_path / "names").write_text("".join(names))
    page = (make(lines, "--organism-names", tmp_path / "names") / "report.html").read_text("utf-8")
    parser = parse_text(page)
    assert not {"b", "iframe", "img"} & set(parser.tags)
    assert parser.tags.count("script") == 2, "the page's own, its store, and nothing else"
    assert not [name for name, _ in parser.attributes if name.startswith("on")]
    targets = [value or "" for name, value in parser.attributes if name == "href"]
    assert not [target for target in targets if "javascript" in target.lower()]
    assert "{{ 7 * 7 }}" in page, "a name is no template"


def test_genus_and_species_are_in_italics(make: Callable[..., Path]) -> None:
    lines = gaf_line(592022, "P1") + gaf_line(224308, "P2") + gaf_line(592022, "P3", "GO:0045808")
    page = (make("!gaf-version: 2.2\n" + lines) / "report.html").read_text()
    name = "<i>Priestia megaterium</i> DSM 319</a>"
    assert f'Taxonomy/Browser/wwwtax.cgi?id=592022" rel=noopener>{name}' in page
    assert "<i>Bacillus subtilis</i> subsp. <i>subtilis</i> str. 168" in page


def test_page_requests_nothing(two: Path) -> None:
    page = (two / "report.html").read_text("utf-8")
    policy = re.findall(r'Content-Security-Policy" content="([^"]+)"', page)[0]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "; script-src 'sha256-" in policy
    assert "unsafe" not in policy
    loaded = [
        value
        for name, value in parse_text(page).attributes
        if name in ("src", "srcset", "data", "action") and value
    ]
    assert all(value.startswith("data:") for value in loaded)
    assert "@import" not in page
    style = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)[0]
    assert set(re.findall(r"url\(\"?([a-z]+:)", style)) <= {"data:"}
    assert not [name for name, _ in parse_text(page).attributes if name == "style"]


def parse_text(text: str) -> TagCollector:
    parser = TagCollector()
    parser.feed(text)
    return parser


def test_external_links_have_noopener_and_known_addresses(make: Callable[..., Path]) -> None:
    lines = gaf_line(
        1, "P1", db="UniProtKB", reference="PMID:12|GO_REF:0000043", **{"with": "odd:1"}
    )
    page = (make(lines) / "report.html").read_text()
    for target, rest in re.findall(r'<a href="(https?:[^"]+)"([^>]*)>', page):
        assert "noopener" in rest
        assert target.startswith("https://")
    assert "https://www.uniprot.org/uniprotkb/P1" in page
    assert "https://pubmed.ncbi.nlm.nih.gov/12" in page
    assert links.find_url("odd:1") is None
    assert links.find_url("UniProtKB:P1/../x") is None


def test_the_same_tables_give_the_same_bytes(own_two: Path) -> None:
    run_dir = own_two
    names = ["report.html", *(f"figures/{p.name}" for p in (run_dir / "figures").iterdir())]
    assert len(names) == 13
    before = {name: (run_dir / name).read_bytes() for name in names}
    for name in names:
        (run_dir / name).unlink()
    assert main([str(run_dir)]) == 0
    assert {name: (run_dir / name).read_bytes() for name in names} == before


@pytest.mark.parametrize(
    ("lines", "headline"),
    [
        (gaf_line(1, "P1"), "The only compared organism has annotations"),
        (gaf_line(1, "P1", "GO:0003723"), "The only compared organism has no annotation"),
        ("".join(gaf_line(n, f"P{n}") for n in range(1, 101)), "All 100 compared organisms"),
        (gaf_line(1, "P1", relation="NOT") + gaf_line(2, "P2", code="IDA"), "1 of 2 compared"),
        ("!gaf-version: 2.2\n", "No organism is compared"),
    ],
    ids=["one", "nothing found", "a hundred", "NOT", "no lines"],
)
def test_unusual_runs_have_a_page(make: Callable[..., Path], lines: str, headline: str) -> None:
    run_dir = make(lines)
    assert read_summary(RunFolder(run_dir)).headline.startswith(headline)
    assert headline in (run_dir / "report.html").read_text()


@pytest.mark.parametrize(
    ("lines", "headline"),
    [
        (gaf_line(1, "P1"), "The partial file contains annotations to "),
        (gaf_line(1, "P1", "GO:0003723"), "No conclusion can be drawn about "),
        (
            gaf_line(1, "P1", relation="NOT") + gaf_line(2, "P2", code="IDA"),
            "1 of 2 partial files contains annotations to ",
        ),
    ],
    ids=["one", "nothing found", "NOT"],
)
def test_runs_of_partial_files_have_a_page(
    make: Callable[..., Path], lines: str, headline: str
) -> None:
    run_dir = make(lines, complete=False)
    assert read_summary(RunFolder(run_dir)).headline.startswith(headline)
    assert headline in (run_dir / "report.html").read_text()
    assert not list((run_dir / "figures").glob("rates.*")), "a partial file has no rate"


def test_long_and_unusual_names(make: Callable[..., Path], tmp_path: Path) -> None:
    names = ["x" * 300, "\u0645\u0631\u062d\u0628\u0627", "\U0001f9a0 bug", "a\u202eb", "Ü"]
    shown = [*("x" * 20 + "<wbr>" + "x" * 20, names[1], names[2], "ab", "Ü")]  # nothing turns text
    (tmp_path / "names").write_text("".join(f"{n}\t{name}\n" for n, name in enumerate(names, 1)))
    lines = "".join(gaf_line(n, f"P{n}") for n in range(1, 6))
    run_dir = make(lines, "--organism-names", tmp_path / "names")
    page = (run_dir / "report.html").read_text(encoding="utf-8")
    assert all(name in page for name in shown)
    assert "\u202e" not in page
    assert "a\u202eb" in [row["organism"] for row in read_rows(RunFolder(run_dir), "organisms")]


@pytest.mark.parametrize("complete", [True, False], ids=["complete", "partial"])
def test_links_of_numbers_have_targets_in_the_page(
    make: Callable[..., Path], two: Path, complete: bool
) -> None:
    lines = "".join(gaf_line(n, f"P{n}") for n in (1, 2))
    run_dir = two if complete else make(lines, complete=False)
    attributes = parse_page(run_dir / "report.html").attributes
    ids = {value for name, value in attributes if name == "id"}
    led_to = {value[1:] for name, value in attributes if name == "href" and value[:1] == "#"}
    assert {"gene-products", "organisms", "more"} <= led_to <= ids
    assert ("figure-rates" in ids) == complete, "only complete files have rates"


def test_one_organism_shares_no_terms(own_two: Path) -> None:
    run_dir = own_two
    figure = run_dir / "figures" / "term-sets.svg"
    assert figure.is_file()
    table = run_dir / "tables" / "organisms.tsv"
    head, first, second = table.read_text().splitlines()
    table.write_text(f"{head}\n{first}\n{second.replace('true', 'false', 1)}\n")
    render(RunFolder(run_dir))
    assert not figure.exists()
    assert "no term can be shared" in (run_dir / "report.html").read_text()


def test_missing_and_damaged_tables_are_refused(own_two: Path) -> None:
    run_dir = own_two
    (run_dir / "tables" / "terms.tsv").write_text("a\tb\n")
    with pytest.raises(InputError, match=r"terms\.tsv:1: expected columns go_id"):
        render(RunFolder(run_dir))
    (run_dir / "tables" / "terms.tsv").unlink()
    with pytest.raises(InputError, match=r"terms\.tsv: expected a table of a run"):
        list(read_rows(RunFolder(run_dir), "terms"))


def test_every_verdict_has_a_label() -> None:
    assert tuple(VERDICT_LABELS) == VERDICTS
    said = " ".join(VERDICT_LABELS.values())
    assert "not competent" not in said
    assert "absence" in VERDICT_LABELS["not_annotated"]


def test_rows_with_too_few_cells_are_refused() -> None:
    with pytest.raises(ValueError, match="expected 2 cells"):
        TableView("x", "x", (("a", ""), ("b", "")), (RowView((make_text_cell(1),)),), 1)
