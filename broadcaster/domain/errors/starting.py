"""What keeps a program from starting, or ends it."""

import errno
from pathlib import PurePath

from broadcaster.domain.errors.base import UNCHANGED, LoaError
from broadcaster.domain.errors.machine import DiskFull


class BadSetting(LoaError):
    """A setting is not of its kind: {problem}."""

    code, status, kept, todo = "bad_setting", 500, UNCHANGED, "Correct it; every setting stands in docs/settings.md."


class UnknownSetting(BadSetting):
    """There is no setting “{name}”. Did you mean {near}?"""

    code = "unknown_setting"


class SettingsUnreadable(BadSetting):
    """The file “{path}”, named by {variable}, cannot be read: {problem}."""

    code = "settings_unreadable"


class FileUnusable(LoaError):
    """“{path}” cannot be read or written: {problem}."""

    code, status = "file_unusable", 503
    todo = "Give the account that runs Loa the right to it, or name another place; for the data folder, in LOA_DATA."


class PortTaken(LoaError):
    """Port {port} of {host} cannot be opened: {problem}."""

    code, status = "port_taken", 503
    todo = "Stop the other program, or choose another port in the settings."


class ChildDied(LoaError):
    """“{name}” has ended by itself, with status {status}. The end of {log}: {words} …"""

    code, status, todo = "child_died", 500, "Put right what it says, then start again."


class ChildLate(LoaError):
    """This did not happen within {seconds} seconds: {what}."""

    code, status, todo = "child_late", 500, "Try again when the computer is less busy; its log lies in the data folder."


FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
PROBLEMS = {
    errno.EACCES: "no_right",
    errno.EPERM: "no_right",
    errno.EROFS: "read_only",
    errno.ENOENT: "not_there",
    errno.ENOTDIR: "no_folder",
    errno.EEXIST: "no_folder",
    errno.EISDIR: "a_folder",
    errno.EADDRINUSE: "in_use",
}
"""The system's reasons for which we have words of our own."""


def problem_with(error: OSError) -> str:
    """Why the system refused: one of our words, else its own."""
    return PROBLEMS.get(error.errno or 0, error.strerror or type(error).__name__)


def of_the_system(error: OSError, path: PurePath | None = None) -> LoaError:
    """The refusal a person reads when the system refused a file or a folder."""
    if error.errno in FULL:
        return DiskFull()
    return FileUnusable(path=str(path or error.filename or "?"), problem=problem_with(error))
