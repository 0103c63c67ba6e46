"""Recognise tables of terms: gene sets, and results of an enrichment analysis.

They have a row for each term, with a list of gene products, numbers of them, or p-values. None is
an annotation of one gene product, so such tables are refused. Examples: GMT files, DAVID,
g:Profiler, topGO, goseq, PANTHER, GOATOOLS, REVIGO, clusterProfiler.
"""

from __future__ import annotations

import re
from typing import Sequence, Tuple

from gafreduce.jobs.formats.delimited import rows

#: Names of columns with results of a test, as `cells.normalize_name` returns them.
_TEST = re.compile(
    r"(?:.* )?(?:p ?val(?:ue)?s?|pvalues?|q ?val(?:ue)?s?|fdr|p ?adj(?:ust)?|padj|benjamini|"
    r"fold enrichment|enrichment|generatio|gene ratio|classic|classicfisher|weight01)(?: .*)?"
)
#: Several ids in a cell; bars are in ids of many databases (sp|P12345|NAME).
_LIST = re.compile(r"[^\s,;/]\s*[,;/]\s*[^\s,;/]")


def are_terms(
    names: Sequence[str],
    columns: Sequence[Sequence[str]],
    places: Tuple[int, int],
    is_ragged: bool,
    is_named: bool,
) -> bool:
    """Return whether the rows of a table are terms, each with its gene products or a test.

    Args:
        names: Normalized names of the columns; empty ones without a header row.
        columns: The cells of the first rows, by column.
        places: The columns with GO ids and of the gene product.
        is_ragged: Whether rows have several widths.
        is_named: Whether the column of the gene product has a name that says so, such as `gene_id`:
            each cell with one id then is a gene product, whatever score follows.
    """
    term, object_id = places
    terms = [rows.find_go_ids(cell) for cell in columns[term]]
    ids = [cell for cell, found in zip(columns[object_id], terms) if found]
    found = [each[0] for each in terms if each]
    if len(found) < 2 or len(set(found)) < len(found) or any(len(each) > 1 for each in terms):
        return False
    has_names = any(names)
    n_lists = sum(_LIST.search(cell) is not None for cell in ids)
    if 2 * n_lists >= len(ids) or (n_lists and term < object_id):
        return True
    if is_named:
        return False
    if term < object_id and 2 * sum(" " in cell for cell in ids) >= len(ids):
        return True
    if any(map(_TEST.fullmatch, names)) and (term < object_id or len(set(ids)) < len(ids)):
        return True
    if term > object_id:
        return False
    return all(map(str.isdigit, ids)) if has_names else is_ragged and term == 0
