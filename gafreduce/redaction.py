"""Redaction: everything that is printed, logged or recorded passes through `redact`.

Credentials come from the environment, a profile or a role, and need not be written anywhere. They
get into texts with addresses (`https://user:password@host`), which errors quote, and with settings.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable

from gafreduce.errors import InputError
from gafreduce.streams import escape

_IN_ADDRESS = re.compile(r"(?<=://)[^/\s@:'\"]*:[^/\s'\"]*@")
_NAME = r"(?:secret[._-]?(?:access[._-]?)?key|password|passwd|session[._-]?token)"
_SECRET_NAME = re.compile(_NAME, re.IGNORECASE)
#: A setting and its value. A path (`/etc/passwd: expected ...`) is no setting; the name of a file
#: in the working folder can only be recognised by what follows in messages.
_SETTING = re.compile(
    rf"(?<![\w./-])([\w.-]*{_NAME}[\w.-]*(?:\s*=\s*|\s*:\s*(?!expected\b|\d+:)))[^\s,'\"]+",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"AWS_S\w+_(?:KEY|TOKEN)|\w*(?:PASSWORD|SECRET|SECRET_KEY|TOKEN)")
#: Shorter values of environment variables are not secrets, and occur in too many words.
_SHORTEST = 8
#: A number of fewer digits can be a date or a count.
_SHORTEST_NUMBER = 16
_HIDDEN = "***"


def redact(text: str) -> str:
    """Return the text with secrets replaced by ***.

    >>> redact("no answer from https://me:pass@host/x")
    'no answer from https://***@host/x'
    >>> redact("fs.s3a.secret.key=abc, protein secretion: 1")
    'fs.s3a.secret.key=***, protein secretion: 1'
    """
    text = _IN_ADDRESS.sub(f"{_HIDDEN}@", text)
    text = _SETTING.sub(rf"\1{_HIDDEN}", text)
    for name, value in os.environ.items():
        if _VARIABLE.fullmatch(name) and _is_secret(value):
            text = text.replace(value, _HIDDEN)
    return text


def _is_secret(value: str) -> bool:
    """Return whether the value of a variable is hidden: not a word, a path or a short number.

    >>> _is_secret("of-the-token"), _is_secret("annotation"), _is_secret("/run/token")
    (True, False, False)
    """
    if value.isdigit():
        return len(value) >= _SHORTEST_NUMBER
    return len(value) >= _SHORTEST and not value.isalpha() and not value.startswith("/")


def check_settings(where: str, settings: Iterable[str]) -> None:
    """Check that no setting of Hadoop is a secret, for settings become arguments of processes.

    Args:
        where: The option or file that contains the settings, such as `-D`.
        settings: Names, or names and values as `name=value`.

    Raises:
        InputError: A setting is a secret.
    """
    for setting in settings:
        name = setting.partition("=")[0]
        if _SECRET_NAME.search(name):
            raise InputError(
                f"{where} {name!r}: expected no secret on a command line, which other users can "
                "read (put it into core-site.xml or a credential file of Hadoop)"
            )


class RedactingFormatter(logging.Formatter):
    """Formats messages and tracebacks, redacted and without control characters."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - its name in logging
        """Return the message; that of a warning or an error has one line."""
        is_one_line = record.levelno >= logging.WARNING
        return escape(super().formatMessage(record), line_feeds=is_one_line)

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as redacted text."""
        return escape(redact(super().format(record)))
