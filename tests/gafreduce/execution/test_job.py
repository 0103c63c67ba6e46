from __future__ import annotations

import tempfile

from mrjob.step import StepFailedException

from gafreduce.execution import job


def test_a_full_disk_names_the_temporary_folder():
    full = StepFailedException("OSError: [Errno 28] No space left on device")
    assert job._describe(full) == (
        "the job failed: OSError: [Errno 28] No space left on device (temporary files are in "
        f"{tempfile.gettempdir()}: set TMPDIR to a folder with space)"
    )


def test_a_long_command_is_left_out_of_the_message():
    assert job._describe(StepFailedException("Command '['hadoop', ...", 1, 2)) == (
        "step 2 of the job failed"
    )
