"""The task of AWS Batch: gafreduce with the arguments of the job, and a mrjob.conf from variables.

python -m gafreduce.cloud.task run SHEET ... -r emr
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from gafreduce.errors import UsageError

#: The file of the repository, which the image has here.
TEMPLATE = Path("/opt/gafreduce/mrjob.conf")
#: Words of it, and the variables with what is to stand in their places.
_VARIABLES = {
    "region: REGION": ("region: {}", "AWS_REGION"),
    "subnet: SUBNET": ("subnet: {}", "GAFREDUCE_SUBNET"),
    "s3://BUCKET/": ("s3://{}/", "GAFREDUCE_BUCKET"),
    "gafreduce-emr-service": ("{}", "GAFREDUCE_SERVICE_ROLE"),
    "gafreduce-emr-node": ("{}", "GAFREDUCE_NODE_PROFILE"),
    "SecurityConfiguration: gafreduce": ("SecurityConfiguration: {}", "GAFREDUCE_SECURITY"),
}


def fill_configuration(template: str, environment: Mapping[str, str]) -> str:
    """Return mrjob.conf with the names of the stack.

    Raises:
        UsageError: A name is missing.
    """
    for words, (pattern, variable) in _VARIABLES.items():
        value = environment.get(variable, "").strip()
        if not value:
            raise UsageError(f"{variable}: expected a value, got none (deploy the template again)")
        template = template.replace(words, pattern.format(value))
    return template


def make_command(words: Sequence[str], folder: Path) -> list[str]:
    """Return the command of a job, which for EMR has a mrjob.conf with the names of the stack.

    Args:
        words: The arguments of gafreduce.
        folder: Where mrjob.conf is written.
    """
    command = [sys.executable, "-m", "gafreduce", *words]
    if "-r" in words and words[words.index("-r") + 1 :][:1] == ["emr"]:
        path = folder / "mrjob.conf"
        path.write_text(
            fill_configuration(TEMPLATE.read_text("utf-8"), os.environ), "utf-8", newline="\n"
        )
        command += ["-c", str(path)]
    return command


if __name__ == "__main__":
    job = make_command(sys.argv[1:], Path(tempfile.mkdtemp(prefix="gafreduce-")))
    os.execv(job[0], job)  # signals of Batch reach the run
