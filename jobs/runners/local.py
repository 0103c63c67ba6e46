"""Safe and fast versions of mrjob's inline and local runners, for all runs on one machine.

mrjob 0.7.4 is its last release, so its hooks will not change. Differences from mrjob: compressed
input is verified by the task itself (files/compression.py); input is split without copies; an
existing output folder is refused; sorting has bounded memory, and its errors are raised; `-r local`
has forked processes instead of an interpreter for each task.
"""

from __future__ import annotations

import importlib
import os
import sys
from functools import lru_cache, partial
from pathlib import Path
from typing import (
    Any,
    Callable,
    Dict,
    Iterable,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
)

from mrjob.fs.local import _from_file_uri
from mrjob.inline import InlineMRJobRunner
from mrjob.step import StepFailedException
from mrjob.util import save_current_environment, save_cwd, save_sys_std

from gafreduce.errors import GafreduceError, InputError
from gafreduce.jobs.files import sorting
from gafreduce.jobs.files.file_version import ChangedError, describe_missing
from gafreduce.jobs.files.splits import SPLIT_LIST_VARIABLE, plan_tasks, write_split_list
from gafreduce.jobs.runners.process_pool import ProcessPool, TaskError, run_concurrently
from gafreduce.system import file_access, host

#: Bytes of records for one reducer, and the largest number of reducers by this rule.
_RANGE_BYTES = 12 << 20
_MOST_RANGES = 12


class SafeInlineRunner(InlineMRJobRunner):
    """Runs all tasks in this process, one after another."""

    alias = "inline"

    #: Called after each task with the numbers of tasks that are done and that are known.
    on_progress: Optional[Callable[[int, int], None]] = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        make = self._mrjob_cls  # type: ignore[has-type]
        self._job_class = make
        # one job for all tasks of a process: making it takes 2 ms, and it has caches
        make_once = lru_cache(maxsize=1)(lambda arguments: make(list(arguments)))
        self._mrjob_cls = lambda arguments: make_once(tuple(arguments))

    def _run(self) -> None:
        if self._output_dir and Path(self._output_dir).exists():
            raise InputError(
                f"{self._output_dir}: expected a new output folder, got one that exists "
                "(remove it, or name another)"
            )
        super()._run()

    def _num_cores(self) -> int:
        return 1

    # Map input: split lists instead of copies

    def _input_paths_for_step(self, step_num: int) -> List[str]:
        """Return paths as they are named; a path that is no file is a glob."""
        if step_num > 0:
            return sorted(super()._input_paths_for_step(step_num))
        paths: List[str] = []
        for path in map(_from_file_uri, self._get_input_paths()):
            found = [path] if os.path.isfile(path) else sorted(self.fs.ls(path))
            if not found:  # it was there when the job began
                raise ChangedError(describe_missing(path, "none"))
            paths.extend(found)
        return paths

    def _check_input_path(self, path: str) -> None:
        if not os.path.isfile(_from_file_uri(path)):
            super()._check_input_path(path)

    def _split_mapper_input(
        self, input_paths: Iterable[str], step_num: int
    ) -> List[Dict[str, Any]]:
        if step_num > 0:
            return self._link_mapper_input(list(input_paths), step_num)
        # an absolute path stays as it is in the input list, with any `..`
        here = os.getcwd()
        try:
            files = [
                (os.path.join(here, path).replace(os.sep, "/"), os.stat(path).st_size)
                for path in input_paths
            ]
            if not files:
                raise InputError("expected input files, got none (name some)")
            tasks = plan_tasks(files, self._num_cores())
        except FileNotFoundError as error:
            raise ChangedError(
                describe_missing(str(error.filename), error.strerror or "none")
            ) from error
        streams = self._yield_split_fileobjs("mapper", step_num)
        for splits in tasks:
            with next(streams) as stream:
                write_split_list(splits, stream)
        return [
            {"file": splits[0].path, "start": splits[0].start, "length": splits[0].length}
            for splits in tasks
        ]

    def _link_mapper_input(self, paths: Sequence[str], step_num: int) -> List[Dict[str, Any]]:
        """Link the parts of the step before as the input of mappers."""
        splits = []
        for number, path in enumerate(paths):
            target = Path(self._task_input_path("mapper", step_num, number))
            target.parent.mkdir(parents=True, exist_ok=True)
            file_access.link_file(path, target)
            splits.append({"file": path, "start": 0, "length": os.stat(path).st_size})
        return splits

    def _env_for_task(
        self, task_type: str, step_num: int, task_num: int, map_split: Any = None
    ) -> Dict[str, str]:
        env: Dict[str, str] = super()._env_for_task(task_type, step_num, task_num, map_split)
        is_list = task_type == "mapper" and step_num == 0
        env[SPLIT_LIST_VARIABLE] = "1" if is_list else ""
        return env

    def _setup_working_dir(self, task_type: str, step_num: int, task_num: int) -> str:
        """Return the folder of the step's files: no task writes there, and links take 0.5 ms."""
        self.fs.mkdir(self._task_dir(task_type, step_num, task_num))
        cache_dir: str = self._dist_cache_dir(step_num)
        return cache_dir

    # The shuffle

    def _sort_input_func(self) -> Callable[[Sequence[str], str], None]:
        return self._sort

    def _sort(self, paths: Sequence[str], output_path: str) -> None:
        """Sort whole lines by bytes, few of them in memory."""
        if sum(os.stat(path).st_size for path in paths) > sorting.SORT_BYTES:
            # in a process of its own: the `sort` program then ends with this process
            task = partial(sorting.sort_files, paths, output_path, self._get_local_tmp_dir())
            with run_concurrently(task, is_forked=True):
                pass
        else:
            sorting.sort_range(paths, b"", None, output_path)

    def _split_reducer_input(self, step_num: int) -> int:
        """Split the sorted records between keys, into one file for each reducer."""
        path = self._sorted_reducer_input_path(step_num)
        streams = self._yield_split_fileobjs("reducer", step_num)
        n_tasks = 0
        with open(path, "rb") as source:
            for start, end in split_by_key(path, self._num_reducers(step_num)):
                source.seek(start)
                with next(streams) as target:
                    copy_bytes(source, target, end - start)
                n_tasks += 1
        os.remove(path)
        return n_tasks

    def _run_multiple(
        self, funcs: Iterable[Callable[[], None]], num_processes: Optional[int] = None
    ) -> None:
        todo = list(funcs)
        for done, func in enumerate(todo):
            func()
            self._report_progress(done + 1, len(todo))

    def _report_progress(self, done: int, total: int) -> None:
        if self.on_progress is not None:
            self.on_progress(done, total)


class ForkingLocalRunner(SafeInlineRunner):
    """Runs tasks in forked processes, one for each core at a time.

    Where nothing forks, they are new processes that get their tasks pickled.

    Attributes:
        is_spawned: Whether that is so.
    """

    alias = "local"
    is_spawned = host.IS_WINDOWS

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._n_ranges = 0  # of keys, in the step that runs
        self._sorts: List[Callable[[], None]] = []  # of ranges, if reducers sort their input

    def _num_cores(self) -> int:
        return int(self._opts["num_cores"] or host.count_cores())

    def _run_mappers_and_combiners(self, step_num: int, map_splits: List[Dict[str, Any]]) -> None:
        """Fork only if the step has a mapper; otherwise link the parts of the step before."""
        if "mapper" in self._get_step(step_num):
            super()._run_mappers_and_combiners(step_num, map_splits)
            return
        for number, split in enumerate(map_splits):
            self._run_mapper_and_combiner_func(step_num, number, split)()

    def _sort_reducer_input(self, step_num: int, num_map_tasks: int) -> None:
        """Sort records by ranges of keys, one for each reducer; reducers sort small ranges."""
        paths = [
            self._task_output_path("mapper", step_num, number) for number in range(num_map_tasks)
        ]
        n_bytes = sum(os.stat(path).st_size for path in paths)
        # ranges of equal size differ in cost: with more ranges all cores end together
        n_ranges = max(self._num_cores(), min(n_bytes // _RANGE_BYTES, _MOST_RANGES))
        bounds = sorting.range_bounds(paths, n_ranges)
        targets = []
        for number in range(len(bounds) + 1):
            target = Path(self._task_input_path("reducer", step_num, number))
            target.parent.mkdir(parents=True, exist_ok=True)
            targets.append(str(target))
        self._n_ranges = len(targets)
        self._sorts = []
        if n_bytes > sorting.SORT_BYTES:
            self._sort_parts(paths, bounds, targets)
        else:  # no further processes: to fork one takes as long as to sort a megabyte
            ends = zip([b"", *bounds], [*bounds, None], targets)
            self._sorts = [partial(sorting.sort_range, paths, *each) for each in ends]

    def _sort_parts(
        self, paths: Sequence[str], bounds: Sequence[bytes], targets: Sequence[str]
    ) -> None:
        scratch = self._get_local_tmp_dir()
        todo = list(sorting.split_files(paths))
        sorted_paths = [
            [os.path.join(scratch, f"run-{number}-{place}") for place in range(len(targets))]
            for number in range(len(todo))
        ]
        self._run_multiple(
            partial(sorting.write_ranges, part, bounds, of_part)
            for part, of_part in zip(todo, sorted_paths)
        )
        self._run_multiple(
            partial(sorting.merge_files, of_range, target, scratch)
            for of_range, target in zip(zip(*sorted_paths), targets)
        )

    def _split_reducer_input(self, step_num: int) -> int:
        return self._n_ranges

    def _invoke_task_func(self, task_type: str, step_num: int, task_num: int) -> Any:
        if not self.is_spawned or not self._can_travel():
            return super()._invoke_task_func(task_type, step_num, task_num)
        from gafreduce.jobs.runners import spawned_pool

        module = spawned_pool.name_module(self._job_class)
        arguments = tuple(self._args_for_task(step_num, task_type))
        return _TravellingTask(module, self._job_class.__name__, arguments)

    def _can_travel(self) -> bool:
        """Return whether new processes can have the tasks of this job."""
        from gafreduce.jobs.runners import spawned_pool

        return spawned_pool.can_travel(self._job_class)

    def _make_pool(self, todo: List[Callable[[], None]]) -> Any:
        n_workers = min(self._num_cores(), len(todo))
        if not self.is_spawned:
            return ProcessPool(todo, n_workers)
        from gafreduce.jobs.runners import spawned_pool

        return spawned_pool.SpawnedPool(todo, n_workers)

    def _sort_input_func(self) -> Any:
        return None if self.is_spawned else super()._sort_input_func()  # of combiners: none has one

    def _run_task_func(
        self, task_type: str, step_num: int, task_num: int, map_split: Any = None
    ) -> Callable[[], None]:
        run: Callable[[], None] = super()._run_task_func(task_type, step_num, task_num, map_split)
        if task_type == "reducer" and self._sorts:
            return partial(_run_all, self._sorts[task_num], run)
        return run

    def _run_multiple(
        self, funcs: Iterable[Callable[[], None]], num_processes: Optional[int] = None
    ) -> None:
        todo = list(funcs)
        sys.stdout.flush()
        sys.stderr.flush()
        if self.is_spawned and not self._can_travel():
            super()._run_multiple(todo)
            return
        with self._make_pool(todo) as pool:
            try:
                for n_done in pool.run():
                    self._report_progress(n_done, len(todo))
            except TaskError as error:
                if isinstance(error.__cause__, GafreduceError):
                    raise error.__cause__ from None
                raise StepFailedException(str(error)) from error


class _TravellingTask(NamedTuple):
    """A task of a job as mrjob calls it, for another process."""

    module: str
    name: str
    arguments: Tuple[str, ...]

    def __call__(
        self, stdin: Any, stdout: Any, stderr: Any, folder: str, env: Mapping[str, str]
    ) -> None:
        with save_current_environment(), save_cwd(), save_sys_std():
            os.environ.update(env)
            os.chdir(folder)
            sys.stdin, sys.stdout, sys.stderr = stdin, stdout, stderr
            _make_job(*self).execute()


@lru_cache(maxsize=1)
def _make_job(module: str, name: str, arguments: Tuple[str, ...]) -> Any:
    return getattr(importlib.import_module(module), name)(list(arguments))


def _run_all(*tasks: Callable[[], None]) -> None:
    for task in tasks:
        task()


def split_by_key(path: str, n_ranges: int) -> Iterator[tuple[int, int]]:
    """Return byte ranges of a sorted file of about equal size; no key is in two of them."""
    size = os.stat(path).st_size
    start = 0
    with open(path, "rb") as stream:
        for number in range(1, n_ranges + 1):
            end = _find_key_end(stream, max(size * number // n_ranges, start), size)
            if end > start or (size == 0 and number == 1):
                yield start, end
            start = end


def _find_key_end(stream: Any, position: int, size: int) -> int:
    """Return the end of the last line with the key of the line at a position."""
    if position >= size or position == 0:
        return min(position, size)
    stream.seek(position - 1)
    stream.readline()
    end: int = stream.tell()
    key = None
    for line in stream:
        line_key = line.split(b"\t", 1)[0]
        if key is not None and line_key != key:
            break
        key = line_key
        end += len(line)
    return end


def copy_bytes(source: Any, target: Any, length: int) -> None:
    """Copy bytes from one file to another."""
    while length:
        chunk = source.read(min(length, 1 << 20))
        target.write(chunk)
        length -= len(chunk)


RUNNERS = {runner.alias: runner for runner in (SafeInlineRunner, ForkingLocalRunner)}
