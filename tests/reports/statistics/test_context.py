"""The second job against the same lines selected in memory, for each runner and split."""

import gzip
import random

import pandas as pd
import pytest

from gafreduce.errors import InputError
from gafreduce.jobs.context import MRContext
from gafreduce.jobs.files import input_list
from gafreduce.jobs.mapper import context_request
from gafreduce.jobs.mapper.context_request import ContextRequest
from gafreduce.jobs.model.organisms import TAXA_ONLY
from gafreduce.jobs.runners import script
from gafreduce.ontology import termfile
from gafreduce.reports.components.components_file import (
    Component,
    Machinery,
    load_default_machinery,
)
from gafreduce.reports.statistics.context import read_context_tables, request_context

REQUEST = ContextRequest(
    frozenset({"DB:a", "DB:b:c", "X:never"}),
    frozenset({"InterPro:IPR1", "INTERPRO:IPR1"}),
    frozenset({"coma", "\u00e9"}),
    (1, 3),
)


def to_gaf(a):
    qualifier = "|".join((["NOT"] if a.negated else []) + ([a.relation] if a.relation else []))
    cells = [a.db, a.local_id, a.symbol, qualifier, a.go_id, a.reference, a.evidence_code]
    cells += [a.with_from, a.aspect, a.name, a.synonyms, a.object_type, f"taxon:{a.taxon_id}"]
    cells += ["20200101", a.assigned_by, "", ""]
    return "\t".join(cells).encode() + b"\n"


def run_job(paths, terms, request, folder, runner="inline"):
    folder.mkdir()
    termfile.write(terms, folder / "terms")
    context_request.write_request(request, folder / "request.json")
    input_list.write_input_list(
        script.describe_inputs([str(path) for path in paths]), folder / "inputs.tsv"
    )
    arguments = ["--runner", runner, "--no-conf", "--no-cat-output"]
    arguments += ["--term-file", str(folder / "terms"), "--request", str(folder / "request.json")]
    arguments += ["--input-list", str(folder / "inputs.tsv"), "--output-dir", str(folder / "out")]
    with MRContext([*arguments, *map(str, paths)]).make_runner() as made:
        made.run()
    return read_context_tables(sorted((folder / "out").glob("part-*")), folder, TAXA_ONLY)


def in_order(frame):
    return frame.sort_values(list(frame.columns), key=lambda c: c.map(str)).reset_index(drop=True)


def assert_same(made, expected, names=("context", "term_sets")):
    for name in names:
        pd.testing.assert_frame_equal(in_order(made[name]), in_order(expected[name]))


@pytest.fixture(scope="module")
def annotations(make):
    """Lines of all sorts, each gene product's scattered; every way to match and to just miss."""
    chance = random.Random(7)
    lines = []
    for _ in range(600):
        db, local_id = chance.choice(["a", "b:c", "b", "p", "q", "r"]), ""
        cells = {
            "with_from": chance.choice(
                ["", "InterPro:IPR1", "InterPro:IPR10", "GO:1|INTERPRO:IPR1", "x:1,InterPro:IPR1"]
            ),
            "symbol": chance.choice(["s", "comA", "ComA ", "comAB", "\u00c9"]),
            "synonyms": chance.choice(["", "x|COMA|y", "xcomA", " coma |z"]),
            "relation": chance.choice(["", "involved_in", "acts_upstream_of"]),
            "negated": chance.random() < 0.1,
            "evidence_code": chance.choice(["IEA", "IDA"]),
        }
        go_id = chance.choice(["GO:0000004", "GO:0000009", "GO:0000010", "GO:0000030"])
        lines.append(make.line(f"DB:{db}{local_id}", go_id, chance.choice([1, 2, 3]), **cells))
    return [a._replace(symbol=a.symbol.strip(), synonyms=a.synonyms.strip()) for a in lines]


@pytest.fixture(scope="module")
def expected(make, annotations, small_terms):
    tables = make.tables(annotations, small_terms)
    kept = tables["term_sets"]["organism_id"].isin(map(str, REQUEST.term_set_organisms))
    return {
        "context": make.narrow(tables["context"], REQUEST),
        "term_sets": tables["term_sets"][kept],
    }


@pytest.mark.parametrize("runner", ["inline", "local"])
def test_the_job_keeps_the_requested_lines(runner, annotations, expected, small_terms, tmp_path):
    assert 50 < len(expected["context"]) < len(set(annotations))
    path = tmp_path / "x.gaf"
    path.write_bytes(b"".join(map(to_gaf, annotations)))
    assert_same(run_job([path], small_terms, REQUEST, tmp_path / "job", runner), expected)


@pytest.mark.parametrize("seed", [1, 2])
def test_order_split_compression_and_damage_do_not_matter(
    seed, annotations, expected, small_terms, tmp_path
):
    lines = list(map(to_gaf, annotations))
    random.Random(seed).shuffle(lines)
    headed = [b"!gaf-version: 2.2\n", *lines[:200], b"! between\n", b"\n", b"bad\tline\n"]
    crlf = [line.replace(b"\n", b"\r\n") for line in lines[200:400]]
    (tmp_path / "a.gaf").write_bytes(b"".join(headed))
    (tmp_path / "b.gaf").write_bytes(b"".join(crlf))
    (tmp_path / "c.gaf.gz").write_bytes(gzip.compress(b"".join(lines[400:])))
    paths = sorted(tmp_path.glob("*.gaf*"))
    assert_same(run_job(paths, small_terms, REQUEST, tmp_path / "job", "local"), expected)


def test_refused_lines_are_left_out(make, small_terms, tmp_path):
    good = to_gaf(make.line("DB:a", "GO:0000004"))
    bad = [
        good.replace(b"taxon:1", b"taxon:x"),
        good.replace(b"GO:0000004", b"GO:4"),
        good.replace(b"DB\t", b"\t", 1),
    ]
    path = tmp_path / "x.gaf"
    path.write_bytes(good + b"".join(bad) + good)
    made = run_job([path], small_terms, REQUEST, tmp_path / "job")
    assert list(made["context"]["n_annotations"]) == [2]
    assert list(made["term_sets"]["n_gene_products"]) == [1]


def test_the_founding_seven_give_the_expected_context(
    real_files, founding_terms, founding_tables, tmp_path
):
    request = request_context(
        founding_tables["gene_products"],
        founding_tables["organisms"],
        load_default_machinery("GO:0030420"),
    )
    made = run_job(real_files, founding_terms, request, tmp_path / "job")
    assert_same(made, founding_tables)


def test_a_request_survives_writing_and_reading(tmp_path):
    path = tmp_path / "request.json"
    context_request.write_request(REQUEST, path)
    assert context_request.read_request(path) == REQUEST
    assert not REQUEST.is_empty()
    assert ContextRequest(frozenset(), frozenset(), frozenset(), ()).is_empty()
    path.write_text("[]")
    with pytest.raises(InputError, match="expected a request of context"):
        context_request.read_request(path)


def test_the_request_has_every_spelling_and_the_gene_products_with_the_target(make, small_terms):
    lines = [
        make.line("X:a", "GO:0000003"),
        make.line("X:b", "GO:0000006"),
        make.line("X:c", "GO:0000009"),
        make.line("X:d", "GO:0000003", 2),
        make.line("X:e", "GO:0000003", 3),
    ]
    tables = make.tables(lines, small_terms, compared=[1, 2], incomplete=(2,))
    part = Component("ComK", "", True, frozenset({"UniProtKB-KW:1"}), frozenset({"comk"}), "")
    machinery = Machinery((part,), {"X:o": {"ComK"}})
    request = request_context(tables["gene_products"], tables["organisms"], machinery)
    assert request.object_ids == {"X:a", "X:o"}
    assert request.families >= {"UniProtKB-KW:1", "SP_KW:1"}
    assert request.symbols == {"comk"}
    assert request.term_set_organisms == (1,)
