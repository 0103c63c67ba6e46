"""Components files, matches of gene products, and candidates."""

import pytest

from gafreduce.errors import InputError
from gafreduce.reports.components.candidates import compute_candidates
from gafreduce.reports.components.component_tables import compute_components, find_members
from gafreduce.reports.components.components_file import (
    COMPETENCE,
    Component,
    Machinery,
    load_default_machinery,
    read_components,
    read_machinery,
    read_orthologs,
)
from gafreduce.reports.statistics.context import request_context

TARGET = "GO:0000003"
HEADER = "component\trole\trequired\tfamilies\tsymbols\tsource\n"


def component(name="ComK", families=("InterPro:1",), symbols=("comk",), required=True):
    return Component(name, "", required, frozenset(families), frozenset(symbols), "")


def find(make, terms, lines, machinery, **options):
    tables = make.tables(lines, terms, **options)
    request = request_context(tables["gene_products"], tables["organisms"], machinery)
    context = make.narrow(tables["context"], request)
    return tables, find_members(context, machinery, tables["gene_products"])


def test_the_default_components_file_is_valid():
    components = read_components(COMPETENCE)
    assert [c.name for c in components if c.name in ("ComEA", "ComEC", "DprA", "RecA", "ComK")]
    assert {f"ComG{letter}" for letter in "ABCDEFG"} <= {c.name for c in components}
    for one in components:
        assert one.source
        assert all(":" in family for family in one.families)
    assert load_default_machinery("GO:0008150") == Machinery()
    assert load_default_machinery("GO:0030420").components == components


def test_a_components_file_is_read(tmp_path):
    path = tmp_path / "c.tsv"
    path.write_text(f"{HEADER}A\tpilus\ttrue\tSP_KW:1 | X:2\tcomA|ComB\tme\n\nB\t\tfalse\t\tb\t\n")
    first, second = read_components(path)
    assert first.families == {"UniProtKB-KW:1", "X:2"}
    assert first.symbols == {"coma", "comb"}
    assert (first.required, second.required) == (True, False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"c\.tsv:1: expected the header"),
        ("component\n", r"c\.tsv:1: expected the header"),
        (f"{HEADER}A\tb\n", r"c\.tsv:2: expected 6 tab-separated columns, got 2"),
        (f"{HEADER}A\t\tyes\tX:1\t\t\n", r"c\.tsv:2: expected required to be true or false"),
        (f"{HEADER}A\t\ttrue\t\t\t\n", r"c\.tsv:2: expected a family or a symbol"),
        (f"{HEADER}A\t\ttrue\tX:1\t\t\nA\t\ttrue\tX:1\t\t\n", r"c\.tsv:3: expected each component"),
    ],
)
def test_an_invalid_components_file_is_refused(tmp_path, text, message):
    path = tmp_path / "c.tsv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_components(path)


def test_a_file_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "c.tsv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="expected UTF-8 text"):
        read_components(path)


def test_an_orthologs_file_is_read(tmp_path):
    path = tmp_path / "o.tsv"
    path.write_text("component\tobject_id\nComK\tX:a\nComK\tX:b\n")
    assert read_orthologs(path, [component()]) == {
        "X:a": frozenset({"ComK"}),
        "X:b": frozenset({"ComK"}),
    }
    path.write_text("component\tobject_id\nComL\tX:a\n")
    with pytest.raises(InputError, match=r"o\.tsv:2: expected a component"):
        read_orthologs(path, [component()])
    path.write_text("component\tobject_id\nComK\ta\n")
    with pytest.raises(InputError, match=r"o\.tsv:2: expected DB:DB_Object_ID"):
        read_orthologs(path, [component()])


def test_files_of_the_user_replace_the_default(tmp_path):
    own = read_machinery("GO:0030420", None, None)
    assert own == load_default_machinery("GO:0030420")
    (tmp_path / "c.tsv").write_text(f"{HEADER}A\t\ttrue\tX:1\t\t\n")
    (tmp_path / "o.tsv").write_text("component\tobject_id\nA\tX:a\n")
    users = read_machinery("GO:0030420", tmp_path / "c.tsv", tmp_path / "o.tsv")
    assert [component.name for component in users.components] == ["A"]
    assert users.orthologs == {"X:a": {"A"}}


def test_the_strongest_match_counts(make, small_terms):
    lines = [
        make.line("X:a", TARGET, with_from="InterPro:1|InterPro:9", symbol="comK"),
        make.line("X:b", "GO:0000009", symbol="ComK2", synonyms="yfg| COMK "),
        make.line("X:c", "GO:0000009", symbol="other"),
        make.line("X:d", "GO:0000009", with_from="InterPro:1", negated=True),
        make.line("X:e", "GO:0000009", 2, with_from="InterPro:1", evidence_code="IDA"),
    ]
    machinery = Machinery((component(), component("Nobody", ("X:1",), ())), {"X:c": {"ComK"}})
    tables, members = find(make, small_terms, lines, machinery)
    table, details, notes = compute_components(members, machinery, tables["organisms"])
    rows = {(row.component, row.taxon_id): row for row in table.itertuples()}
    one = rows["ComK", 1]
    assert one.found_by == "ortholog"
    assert (one.n_gene_products, one.n_by_ortholog, one.n_by_family, one.n_by_symbol) == (
        3,
        1,
        1,
        1,
    )
    assert one.n_with_target == 1
    assert list(one.object_ids) == ["X:a", "X:b", "X:c"]
    assert list(one.evidence_groups) == ["electronic"]
    assert list(rows["ComK", 2].evidence_groups) == ["experimental"]
    assert rows["Nobody", 1].found_by is None
    assert rows["Nobody", 1].n_gene_products == 0
    of_a, of_b, _, _ = details.itertuples()
    assert (of_a.found_by, list(of_a.matched)) == ("family", ["InterPro:1", "comK"])
    assert (of_b.found_by, list(of_b.matched)) == ("symbol", ["COMK"])
    assert ("components", "", "n_orthologs_without_lines", "0") in notes


def test_candidates_lack_the_target(make, small_terms):
    lines = [
        make.line("X:a", TARGET, with_from="InterPro:1"),
        make.line("X:b", "GO:0000009", with_from="InterPro:1", symbol="comK"),
        make.line("X:c", TARGET, relation="acts_upstream_of", symbol="comK"),
        make.line("X:d", "GO:0000010", 2, symbol="comK"),
    ]
    machinery = Machinery((component(),))
    tables, members = find(make, small_terms, lines, machinery, compared=[1])
    table = compute_candidates(members, machinery, tables["organisms"], tables["gene_products"])
    found = [
        (row.object_id, row.found_by, row.status, list(row.go_ids or []))
        for row in table.itertuples()
    ]
    assert found == [
        ("X:b", "family", None, ["GO:0000009"]),
        ("X:c", "symbol", "other_relation", []),
    ]


def test_the_table_gene_products_decides_which_products_have_the_target(make, small_terms):
    # The request keeps the family's line only; the line on the target has another source.
    lines = [
        make.line("X:a", TARGET, with_from="A:1"),
        make.line("X:a", "GO:0000009", with_from="InterPro:1"),
    ]
    machinery = Machinery((component(symbols=()),))
    tables, members = find(make, small_terms, lines, machinery, incomplete=(1,))
    assert members["ComK", "1"]["X:a"].product.has_target
    table = compute_candidates(members, machinery, tables["organisms"], tables["gene_products"])
    assert len(table) == 0
