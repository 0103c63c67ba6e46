"""mrjob's Hadoop runner with fewer calls of `hadoop`: each of them starts a JVM.

mrjob asks for the version, makes two folders and then puts the files of a job one by one, which
takes longer than a small job.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Dict

from mrjob.compat import version_gte
from mrjob.hadoop import HadoopJobRunner
from mrjob.parse import is_uri

_JAR = re.compile(r"^hadoop-streaming-(\d+(?:\.\d+)+)")
#: The version since which `-put` takes `-t`: a file is some round trips, most of them waiting.
_PUTS_IN_THREADS = "3.4"
#: What `-put` says of a folder whose parent is not there.
_NO_PARENT = re.compile(rb".*No such file or directory", re.DOTALL)


class FewCallsHadoopRunner(HadoopJobRunner):
    """Puts all that a job needs into Hadoop's file system in one call."""

    alias = "hadoop"

    def get_hadoop_version(self) -> str:
        """Return the version that the streaming jar is named after; else ask `hadoop`."""
        jar = self.get_hadoop_streaming_jar()
        found = _JAR.search(Path(jar).resolve().name) if jar else None
        if found and not self.fs.hadoop._hadoop_version:
            self.fs.hadoop._hadoop_version = found[1]
        return str(super().get_hadoop_version())

    def _upload_local_files(self) -> None:
        several = version_gte(self.get_hadoop_version(), _PUTS_IN_THREADS)
        root = self._hadoop_tmp_dir
        with tempfile.TemporaryDirectory(dir=self._get_local_tmp_dir()) as name:
            folder = Path(name)
            for uri, path in self._files_by_uri().items():
                link = folder / uri[len(root) :].lstrip("/")
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(Path(path).resolve())
            put = ["fs", "-put", *(["-t", "8"] if several else []), str(folder), root]
            if self.fs.hadoop.invoke_hadoop(put, ok_stderr=[_NO_PARENT]):
                self.fs.mkdir(root.rpartition("/")[0])
                self.fs.hadoop.invoke_hadoop(put)

    def _files_by_uri(self) -> Dict[str, str]:
        """Return what lies on this machine by where the job looks for it."""
        found = {uri: path for path, uri in self._upload_mgr.path_to_uri().items()}
        for kind in ("file", "archive_file"):
            for name, path in self._working_dir_mgr.name_to_path(kind).items():
                uri = self._dest_in_wd_mirror(path, name)
                if uri and not is_uri(path):
                    found[uri] = path
        return found
