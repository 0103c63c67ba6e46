"""Ids of gene products that a map replaces."""

from __future__ import annotations

from gafreduce.jobs.mapper.id_map import NO_MAP, IdMap

COUNTED = {"BSU_1": "UniProtKB:P1", "SubtiList:BG1": "UniProtKB:P1", "BSU_2": "UniProtKB:P2"}


def test_an_id_is_found_with_its_database_and_without() -> None:
    found = IdMap(COUNTED)
    ids = [b"EMBL:BSU_1", b"SubtiList:BG1", b"local:BSU_2", b"UniProtKB:P1", b"local:other"]
    assert found.replace_ids(ids) == [
        *(b"UniProtKB:P1", b"UniProtKB:P1", b"UniProtKB:P2", b"UniProtKB:P1", b"local:other")
    ]
    assert NO_MAP.replace_ids(ids) == ids


def test_the_other_ids_of_wanted_gene_products_are_listed() -> None:
    found = IdMap(COUNTED).list_local_ids([b"UniProtKB:P1", b"UniProtKB:P9"])
    assert {*found} - {b""} == {b"BSU_1", b"SubtiList:BG1", b"BG1"}
    assert NO_MAP.list_local_ids([b"UniProtKB:P1"]) == []
