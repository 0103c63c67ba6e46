"""What is known of a listed input."""

from __future__ import annotations

import pytest

from gafreduce.inputs.listed_input import ListedInput, list_companions
from gafreduce.storage.base import Identity

FILE = ListedInput("/a.gpad", "a.gpad", "gpad", "plain", Identity(1000))


@pytest.mark.parametrize("compression", ["gzip", "bzip2", "zstd"])
def test_packed_text_is_taken_for_a_multiple_of_its_stored_size(compression: str) -> None:
    assert FILE.text_bytes == 1000
    packed = FILE._replace(compression=compression)
    assert packed.text_bytes >= 5000
    assert packed._replace(identity=Identity(3000)).text_bytes == 3 * packed.text_bytes


def test_companions_are_listed_with_their_versions() -> None:
    version = Identity(1, file_version="v")
    paired = FILE._replace(companion="/a.gpi", companion_identity=version)
    assert (FILE.companion_version, paired.companion_version) == ("", "v")
    assert list_companions([FILE, paired]) == {"/a.gpi": version}
