"""The errors a person may meet. Each message says what happened and what to do next."""


class QuestlineError(Exception):
    """Base of every expected failure; the command line prints the message and exits."""

    exit_code = 1


class UsageError(QuestlineError):
    """A wrong option, name or setting."""

    exit_code = 1


class DataError(QuestlineError):
    """The data stopped the run; nothing was published."""

    exit_code = 2


class LockedError(QuestlineError):
    """Another run holds the lake."""

    exit_code = 3
