from __future__ import annotations

from io import BytesIO
from itertools import chain, groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.jobs.files import batching
from gafreduce.jobs.reducer import merge_reducer

RUNS = st.lists(st.sampled_from([b"DB:1", b"DB:12", b"DB:2", b"DB:3"]), min_size=1, max_size=30)


def object_id_of(line: bytes) -> bytes:
    return line[: line.index(b"\t") + 1]


@given(object_ids=RUNS, size=st.integers(1, 7))
def test_batches_have_whole_groups(object_ids: list[bytes], size: int) -> None:
    lines = sorted(b"%s\t=0\t1\t%d\n" % (name, number) for number, name in enumerate(object_ids))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batching, "BATCH_LINES", size)
        lists = list(batching.batch_groups(iter(lines), object_id_of))
    assert list(chain.from_iterable(lists)) == lines
    groups = [set(map(object_id_of, some)) for some in lists]
    assert sum(map(len, groups)) == len(set().union(*groups))
    longest = max(len(list(same)) for _, same in groupby(lines, object_id_of))
    assert max(map(len, lists)) <= longest + 2 * size


@given(object_ids=RUNS, size=st.integers(1, 40))
def test_blocks_have_whole_groups(object_ids: list[bytes], size: int) -> None:
    lines = sorted(b"%s\t=0\t1\t%d\n" % (name, number) for number, name in enumerate(object_ids))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batching, "BLOCK_BYTES", size)
        texts = list(batching.read_groups(BytesIO(b"".join(lines)), object_id_of))
    assert b"".join(texts) == b"".join(lines)
    groups = [set(map(object_id_of, BytesIO(text))) for text in texts]
    assert sum(map(len, groups)) == len(set().union(*groups))
    longest = max(sum(map(len, same)) for _, same in groupby(lines, object_id_of))
    assert max(map(len, texts)) <= 2 * longest + size + max(map(len, lines))


@given(st.lists(st.text("abé", min_size=2, max_size=5), max_size=20), st.integers(0, 2))
def test_lines_with_a_common_prefix_are_one_list(words: list[str], length: int) -> None:
    lines = sorted(word.encode() for word in words)
    found = list(batching.split_by_prefix(lines, length))
    assert found == [list(same) for _, same in groupby(lines, lambda line: line[:length])]


@pytest.mark.parametrize("size", [1, 2, 4096])
def test_one_group_is_one_batch(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "BATCH_LINES", size)
    lines = [b"DB:1\t=0\t1\t%d\n" % number for number in range(9)]
    assert list(batching.batch_groups(iter(lines), object_id_of)) == [lines]


def test_no_lines_give_no_batch() -> None:
    assert not list(batching.batch_groups(iter(()), object_id_of))
    assert not list(batching.strip_line_ends(iter(())))


@pytest.mark.parametrize("size", [1, 2, 3, 4096])
def test_records_are_added_up_for_batches_of_any_size(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batching, "BATCH_LINES", size)
    lines = [
        b"O000000000007\t-\t" + b"1 " * 23 + b"1\n",
        b"O000000000007\t-\t" + b"2 " * 23 + b"2\n",
        b"O000000000010\t-\t" + b"1 " * 23 + b"1\n",
        b"PGO:0000001\t000000000007\t0\t0\t1\t0\n",
        b"PGO:0000001\t000000000010\t1\t2\t3\t4\n",
        b"PGO:0000001\t000000000010\t10\t20\t30\t40\n",
        b"PGO:0000001\t000000000010\t0\t0\t1\t0\n",
        b"PGO:0000001\t000000000200\t5\t5\t5\t5\n",
        b"PGO:0000002\t000000000200\t0\t0\t5\t0\n",
        b"UGO:9999999\tP\t-\n",
        b"UGO:9999999\tP\t-\n",
    ]
    assert list(chain.from_iterable(merge_reducer.merge(lines))) == [
        b"O000000000007\t-\t" + b"3 " * 23 + b"3",
        b"O000000000010\t-\t" + b"1 " * 23 + b"1",
        b"PGO:0000001\t000000000007\t0\t0\t1\t0",
        b"PGO:0000001\t000000000010\t11\t22\t34\t44",
        b"PGO:0000001\t000000000200\t5\t5\t5\t5",
        b"TGO:0000001\t10|200\t7|10|200",
        b"PGO:0000002\t000000000200\t0\t0\t5\t0",
        b"TGO:0000002\t-\t200",
        b"UGO:9999999\tP\t-",
    ]
