"""mrjob's Hadoop runner with fewer calls of `hadoop`: each of them starts a JVM.

mrjob makes a folder twice and then puts the files of a job one by one, which takes longer than a
small job.
"""

from __future__ import annotations

import posixpath
import tempfile
from pathlib import Path

from mrjob.hadoop import HadoopJobRunner


class FewCallsHadoopRunner(HadoopJobRunner):
    """Puts all that a job needs into Hadoop's file system in one call."""

    alias = "hadoop"

    def _upload_local_files(self) -> None:
        prefix = self._upload_mgr.prefix
        self.fs.mkdir(prefix)
        with tempfile.TemporaryDirectory(dir=self._get_local_tmp_dir()) as folder:
            links = []
            # under the names that they have there
            for path, uri in sorted(self._upload_mgr.path_to_uri().items()):
                link = Path(folder) / posixpath.basename(uri)
                link.symlink_to(Path(path).resolve())
                links.append(str(link))
            self.fs.hadoop.invoke_hadoop(["fs", "-put", *links, prefix])
