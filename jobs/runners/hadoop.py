"""mrjob's Hadoop runner with fewer calls of `hadoop`, since each of them starts a JVM.

mrjob calls it for the version, for two folders and for each file of a job, which takes longer than
a small job.
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
#: The first version in which `-put` has `-t`: a file takes some round trips, mostly waiting.
_PUTS_IN_THREADS = "3.4"
#: The message of `-put` if the parent of the folder is missing.
_NO_PARENT = re.compile(rb".*No such file or directory", re.DOTALL)


class FewCallsHadoopRunner(HadoopJobRunner):
    """Uploads all files of a job in one call."""

    alias = "hadoop"

    def get_hadoop_version(self) -> str:
        """Return the version in the name of the streaming jar, or that `hadoop` prints."""
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
        """Return the local path of each file of the job, by its URI in the cluster."""
        found = {uri: path for path, uri in self._upload_mgr.path_to_uri().items()}
        for kind in ("file", "archive_file"):
            for name, path in self._working_dir_mgr.name_to_path(kind).items():
                uri = self._dest_in_wd_mirror(path, name)
                if uri and not is_uri(path):
                    found[uri] = path
        return found
