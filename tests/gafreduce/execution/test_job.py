from __future__ import annotations

import tempfile

from mrjob.step import StepFailedException

from gafreduce.execution import job


def test_a_full_disk_is_told_with_what_to_do():
    full = StepFailedException("OSError: [Errno 28] No space left on device")
    assert job._failed(full) == (
        "the job failed: OSError: [Errno 28] No space left on device (temporary files lie in "
        f"{tempfile.gettempdir()}: set TMPDIR to one with room)"
    )


def test_a_command_of_thousands_of_characters_is_no_reason():
    assert job._failed(StepFailedException("Command '['hadoop', ...", 1, 2)) == (
        "step 2 of the job failed"
    )
