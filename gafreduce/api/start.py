"""Make a run from Python, by the command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from gafreduce import errors
from gafreduce.api.run import Run, open_run
from gafreduce.errors import GafreduceError, InputError, InternalError, TransientError, UsageError

#: Errors by exit code; others are transient.
_ERRORS: dict[int, type[GafreduceError]] = {
    errors.INPUT: InputError,
    errors.USAGE: UsageError,
    errors.BUG: InternalError,
}
_EXISTS = ": this run exists already"

_Path = str | os.PathLike[str]


def run(
    inputs: _Path | Sequence[_Path],
    *,
    term: str | None = None,
    ontology: _Path | None = None,
    output: _Path | None = None,
    **options: object,
) -> Run:
    """Make a run folder and open it; a finished run of the same inputs and options is only opened.

    Args:
        inputs: Annotation files, folders, globs, s3:// URIs or a sample sheet.
        term: The target, by id or name (default: that of the command).
        ontology: go-basic.obo, plain or gzip (default: found as by the command).
        output: A new folder or s3:// prefix (default: a folder in gafreduce-runs).
        options: Other options of `gafreduce run`, with `_` for `-`: `exclude_evidence="IEA"`,
            `no_report=True`, `organism=["224308", "83333"]` for one that may be repeated.

    Raises:
        InputError: An input is at fault.
        UsageError: There is no such option, or a value cannot be used.
        TransientError: The run failed; trying again may help.
    """
    named: list[_Path] = [inputs] if isinstance(inputs, str | os.PathLike) else list(inputs)
    given = {"term": term, "ontology": ontology, "output": output, **options}
    words = ["run", "--quiet", *_list_words(given), "--", *(os.fspath(each) for each in named)]
    # the process, and not this one, has handlers of signals, and workers that are forks of it
    command = [sys.executable, "-P", "-m", "gafreduce", *words]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            out, err = process.communicate()
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if process.returncode != errors.DONE:
        message, code = errors.read_error_line(err, process.returncode)
        if process.returncode == errors.USAGE:  # of argparse, whose line begins otherwise
            message, code = message.rpartition("error: ")[2], errors.USAGE
        raise _ERRORS.get(code, TransientError)(message)
    address = out.splitlines()[-1].removesuffix(_EXISTS)
    endpoint_url, profile = (
        str(options[name]) if options.get(name) else None for name in ("endpoint_url", "profile")
    )
    return open_run(address, endpoint_url=endpoint_url, profile=profile)


def _list_words(options: dict[str, object]) -> list[str]:
    """Return options as words of the command line.

    >>> _list_words({"exclude_evidence": "IEA", "report": None, "force": True, "organism": [1, 2]})
    ['--exclude-evidence=IEA', '--force', '--organism=1', '--organism=2']
    """
    words = []
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        if value is True:
            words.append(option)
        elif isinstance(value, list | tuple):
            words += [f"{option}={each}" for each in value]
        elif value is not None and value is not False:
            words.append(f"{option}={value}")
    return words
