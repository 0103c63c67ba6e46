"""mrjob's Hadoop runner with fewer calls of `hadoop`: each of them starts a JVM.

mrjob makes two folders and then puts the files of a job one by one, which takes longer than a small
job.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Dict

from mrjob.hadoop import HadoopJobRunner
from mrjob.parse import is_uri


class FewCallsHadoopRunner(HadoopJobRunner):
    """Puts all that a job needs into Hadoop's file system in one call."""

    alias = "hadoop"

    def _upload_local_files(self) -> None:
        prefix = self._upload_mgr.prefix
        self.fs.mkdir(prefix)
        with tempfile.TemporaryDirectory(dir=self._get_local_tmp_dir()) as name:
            folder = Path(name)
            for uri, path in self._files_by_uri().items():
                link = folder / uri[len(prefix) :].lstrip("/")
                link.parent.mkdir(exist_ok=True)
                link.symlink_to(Path(path).resolve())
            links = sorted(str(path) for path in folder.iterdir())
            self.fs.hadoop.invoke_hadoop(["fs", "-put", *links, prefix])

    def _files_by_uri(self) -> Dict[str, str]:
        """Return what lies on this machine by where the job looks for it."""
        found = {uri: path for path, uri in self._upload_mgr.path_to_uri().items()}
        for kind in ("file", "archive_file"):
            for name, path in self._working_dir_mgr.name_to_path(kind).items():
                uri = self._dest_in_wd_mirror(path, name)
                if uri and not is_uri(path):
                    found[uri] = path
        return found
