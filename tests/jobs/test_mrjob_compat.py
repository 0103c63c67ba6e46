"""What mrjob imports and seldom uses is imported when it is used."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
import gafreduce.jobs, mrjob.job, mrjob.local
print(sorted({"http.client", "yaml.loader"} & set(sys.modules)))
from mrjob.py2 import pathname2url
print(pathname2url("a b"))
import urllib.request
print(urllib.request.Request("http://127.0.0.1/").host)
from urllib.request import build_opener
from yaml.nodes import ScalarNode
import mrjob.conf
mrjob.conf.dump_mrjob_conf({"runners": {"inline": {"owner": "me"}}}, sys.stdout)
print(type(sys.modules["urllib.request"]).__name__, type(sys.modules["yaml"]).__name__)
"""


def test_modules_are_imported_when_they_are_used() -> None:
    printed = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    ).stdout
    assert printed.split("\n") == [
        "[]",
        "a%20b",
        "127.0.0.1",
        "runners:",
        "  inline:",
        "    owner: me",
        "module module",
        "",
    ]
