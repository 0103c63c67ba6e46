"""Names of Python that Windows lacks are used where that is known, and nowhere else."""

from __future__ import annotations

import ast

from source import modules

#: Names of `os` and `signal`, and modules, that Python for Windows lacks (dir() of 3.11 there).
_LACKING = {
    "os": {
        "O_CLOEXEC",
        "O_DIRECTORY",
        "O_NOCTTY",
        "O_NOFOLLOW",
        "O_NONBLOCK",
        "O_PATH",
        "P_PID",
        "WEXITED",
        "WNOHANG",
        "WSTOPPED",
        "chown",
        "fchdir",
        "fchmod",
        "fchown",
        "fork",
        "forkpty",
        "getegid",
        "geteuid",
        "getgid",
        "getloadavg",
        "getpgid",
        "getpgrp",
        "getpriority",
        "getuid",
        "killpg",
        "lchown",
        "lockf",
        "mkfifo",
        "mknod",
        "nice",
        "openpty",
        "pathconf",
        "pipe2",
        "posix_fadvise",
        "posix_spawn",
        "pread",
        "preadv",
        "pwrite",
        "pwritev",
        "register_at_fork",
        "sched_getaffinity",
        "sched_setaffinity",
        "sendfile",
        "set_blocking",
        "setegid",
        "seteuid",
        "setgid",
        "setpgid",
        "setpriority",
        "setsid",
        "setuid",
        "statvfs",
        "sync",
        "sysconf",
        "uname",
        "wait",
        "wait3",
        "wait4",
        "waitid",
    },
    "signal": {
        "ITIMER_REAL",
        "SIGALRM",
        "SIGCHLD",
        "SIGCONT",
        "SIGHUP",
        "SIGKILL",
        "SIGPIPE",
        "SIGQUIT",
        "SIGSTOP",
        "SIGTSTP",
        "SIGUSR1",
        "SIGUSR2",
        "SIG_BLOCK",
        "alarm",
        "pause",
        "pthread_kill",
        "pthread_sigmask",
        "setitimer",
        "sigwait",
    },
}
_MODULES = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}
#: Where they are used: for POSIX alone, behind a question, or for Hadoop.
_KNOWN = {
    "gafreduce/processes.py": {"getpgrp", "killpg", "setpgid", "waitid", "SIGKILL"}
    | {"P_PID", "WSTOPPED", "WNOHANG"},
    "gafreduce/publishing/s3_lock.py": {"register_at_fork"},
    "gafreduce/signals.py": {"SIGALRM", "SIGHUP", "SIGQUIT"},
    "gafreduce/storage/output_file.py": {"set_blocking"},
    "gafreduce/system/file_access.py": {"fcntl", "fchmod", "geteuid", "pread", "pwrite"},
    "gafreduce/system/host.py": {"sched_getaffinity"},
    "gafreduce/terminal/progress.py": {"set_blocking"},
    "jobs/files/sorting.py": {"resource"},
    "jobs/runners/process_pool.py": {"fork"},
    "reports/figures/drawing_library.py": {"fchdir"},
}


def _find_lacking(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found |= {node.attr} & _LACKING.get(node.value.id, set())
        elif isinstance(node, ast.Import):
            found |= {each.name for each in node.names} & _MODULES
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or ""} & _MODULES
            if node.module in _LACKING:
                found |= {each.name for each in node.names} & _LACKING[node.module]
    return found


def test_what_windows_lacks_is_used_where_that_is_known() -> None:
    found = {name: _find_lacking(tree) for name, tree in modules().items()}
    assert {name: names for name, names in found.items() if names} == _KNOWN


def test_text_is_written_with_the_line_ends_that_it_has() -> None:
    """`write_text` without `newline` writes CRLF on Windows."""
    missing = []
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "write_text"
                and not any(each.arg == "newline" for each in node.keywords)
            ):
                missing.append(f"{name}:{node.lineno}")
    assert not missing


#: Modules that only Windows needs, which others import there alone.
_OF_WINDOWS = {"file_handle", "job_object", "named_directory", "spawned_pool", "spawned_worker"}


def test_no_other_system_imports_the_modules_of_windows() -> None:
    imported = {
        f"{name}:{node.lineno}"
        for name, tree in modules().items()
        if name.rpartition("/")[2].removesuffix(".py") not in _OF_WINDOWS
        for node in tree.body  # those in a function, or for one system, are elsewhere
        if isinstance(node, ast.ImportFrom)
        and {(node.module or "").rpartition(".")[2], *(each.name for each in node.names)}
        & _OF_WINDOWS
    }
    assert not imported
