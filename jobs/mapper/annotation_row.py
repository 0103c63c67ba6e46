"""Make the rows of `annotations`, one for each line with a term of the term set.

Most lines of a block repeat the combination of a line before. Their rows differ from its row in
cells that are copied from the line, so such lines need not be parsed: `RowTemplate`.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Callable, Dict, FrozenSet, Iterable, List, NamedTuple, Set, Tuple

from gafreduce.jobs import records
from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.formats.columnar_block import ColumnarBlock, RowCell, new_cells
from gafreduce.jobs.mapper.interpretation import Interpretation
from gafreduce.jobs.mapper.origin import Origin
from gafreduce.jobs.mapper.product_runs import Runs
from gafreduce.jobs.model.annotation import Annotation, decode
from gafreduce.jobs.records import AnnotationRow

_SPACES = dict.fromkeys([*range(0x20), 0x7F], " ")


def make_row(
    annotation: Annotation, interpreted: Interpretation, source_file: str, line: bytes
) -> AnnotationRow:
    """Return the row of a line; control characters in its cells become blanks."""
    row = AnnotationRow(
        go_id=interpreted.go_id,
        symbol=annotation.symbol,
        term_class=interpreted.term_class,
        annotated_go_id=annotation.go_id,
        relation=annotation.relation,
        negated="true" if annotation.negated else "false",
        evidence_code=annotation.evidence_code,
        evidence_group=interpreted.evidence_group,
        reference=annotation.reference,
        with_from=annotation.with_from,
        assigned_by=annotation.assigned_by,
        date=annotation.date,
        annotation_extension=annotation.annotation_extension,
        gene_product_form=annotation.gene_product_form,
        source_file=source_file,
        aspect=annotation.aspect,
        name=annotation.name,
        synonyms=annotation.synonyms,
        object_type=annotation.object_type,
        interacting_taxon=annotation.interacting_taxon,
        takes_part="true" if interpreted.has_supporting_relation else "false",
        line=decode(line),
    )
    return AnnotationRow(*(cell.translate(_SPACES) for cell in row))


def encode_row(
    origin: Origin, annotation: Annotation, interpreted: Interpretation, line: bytes
) -> bytes:
    """Return the row of a line as a record of the first shuffle."""
    return records.encode_mapped_row(
        origin.find_organism(annotation.taxon_id),
        annotation.object_id.encode("utf-8"),
        make_row(annotation, interpreted, origin.source_file, line),
    )


class RowTemplate(NamedTuple):
    """The cells of the rows of a combination, without the line: texts, and columns to copy."""

    before: Tuple[RowCell, ...]
    after: Tuple[RowCell, ...]  # behind the name of the file


def make_template(reader: LineReader, row: AnnotationRow) -> RowTemplate:
    """Return the template of all lines with the combination of one of them, and a plain taxon.

    Args:
        reader: Of the format; it has `copied_columns`.
        row: The row of the line.
    """
    cells: List[RowCell] = [
        reader.copied_columns.get(name, text.encode("utf-8"))
        for name, text in zip(row._fields, row)
    ]
    place = row._fields.index("source_file")
    return RowTemplate(tuple(cells[:place]), tuple(cells[place + 1 : -1]))


class BlockRows:
    """Makes the rows of a block that is read column by column."""

    def __init__(
        self,
        reader: LineReader,
        columns: ColumnarBlock,
        runs: Runs,
        odd_taxa: Set[bytes],
        source_file: str,
    ) -> None:
        """Take the block, with the runs of all its lines and the cells of taxa that are not plain.

        Args:
            reader: Of the file.
            columns: The block.
            runs: Of all lines of the block.
            odd_taxa: Cells of taxa that are not plain.
            source_file: The name of the file in rows.
        """
        self._reader = reader
        self._columns = columns
        self._runs = runs
        self._source_file = source_file.translate(_SPACES).encode("utf-8")
        self._heads: Dict[int, bytes] = {}  # by the number of the run
        self._odd: FrozenSet[int] = frozenset()  # lines
        if odd_taxa:
            cells = new_cells(odd_taxa)
            self._odd = frozenset(columns.find_lines(columns.positions.taxon, cells))

    def make(
        self,
        in_term_set: Iterable[Tuple[bytes, List[int]]],
        templates: Dict[bytes, RowTemplate],
        parse: Callable[[bytes], AnnotationRow],
    ) -> List[bytes]:
        """Return the records of rows; an item may be several records.

        Args:
            in_term_set: Tokens of combinations, with the numbers of their lines.
            templates: By token; grow.
            parse: Returns the row of a line.
        """
        made: List[bytes] = []
        for token, numbers in in_term_set:
            copied, parsed = self._divide(numbers)
            for number in parsed:
                row = parse(self._columns.line(number))
                made.append(self._find_head(number) + row.encode())
            if copied:
                template = templates.get(token)
                if template is None:
                    row = parse(self._columns.line(copied[0]))
                    template = templates[token] = make_template(self._reader, row)
                cells = (*template.before, self._source_file, *template.after)
                heads = list(map(self._find_head, copied))
                made.append(self._columns.rows(copied, heads, cells))
        return made

    def _divide(self, numbers: List[int]) -> Tuple[List[int], List[int]]:
        """Return the lines whose cells are copied, and those that are parsed."""
        if not self._reader.copied_columns:
            return [], numbers
        if not self._odd:
            return numbers, []
        odd = self._odd
        return [n for n in numbers if n not in odd], [n for n in numbers if n in odd]

    def _find_head(self, number: int) -> bytes:
        """Return the beginning of the row of a line."""
        place = bisect_right(self._runs.starts, number) - 1
        head = self._heads.get(place)
        if head is None:
            product = self._runs.organisms[place], self._runs.object_ids[place]
            head = self._heads[place] = records.encode_row_head(*product)
        return head
