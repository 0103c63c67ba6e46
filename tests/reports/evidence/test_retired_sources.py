"""Sources that GO stopped using: dated, with references, and aware of taxa."""

import csv
import re

from gafreduce.reports.evidence.annotation_sources import METHODS
from gafreduce.reports.evidence.retired_sources import read_retired_sources


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
