"""Sources that GO stopped using: dated, with references, and aware of taxa."""

import csv
import re

import pytest

from gafreduce.reports.evidence.annotation_sources import METHODS
from gafreduce.reports.evidence.retired_sources import is_viral_name, read_retired_sources


def test_every_retired_source_has_a_date_words_and_references():
    with METHODS.open(encoding="utf-8") as stream:
        methods = {row["source"] for row in csv.DictReader(stream, delimiter="\t")}
    for each in read_retired_sources():
        assert each.source in methods
        assert re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", each.retired)
        assert each.except_taxa in ("", "viruses")
        assert each.words
        assert all(address.startswith("https://") for address in each.references)


def test_keyword_mappings_are_retired_but_for_viruses():
    (keywords,) = read_retired_sources()
    assert (keywords.source, keywords.retired) == ("UniProt keywords", "2026-03")
    assert keywords.applies_to("Bacillus subtilis 168", "")
    assert not keywords.applies_to("my isolate", "Severe acute respiratory syndrome coronavirus 2")


@pytest.mark.parametrize(
    ("name", "is_viral"),
    [
        ("Escherichia phage T4", True),
        ("Lambdavirus lambda", True),
        ("Human alphaherpesvirus 1 (strain 17)", True),
        ("Potato spindle tuber viroid", True),
        ("Poxviridae", True),
        ("Rhizoctonia solani ribo-like virus1", True),
        ("uncultured phage_Deep1-GF2-KM23-C739", True),
        ("Treponema phagedenis", False),
        ("Vibrio viridaestus", False),
        ("Bacillus subtilis", False),
        ("Virgibacillus sp. SK37", False),
        ("Thermovirga lienii", False),
        ("Aggregatibacter aphrophilus", False),
        ("", False),
    ],
)
def test_viruses_are_known_by_their_names(name, is_viral):
    assert is_viral_name(name) == is_viral
