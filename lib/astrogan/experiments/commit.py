"""The state of the code that a stage was run with, for provenance alone: no stage depends on it."""

import subprocess


def commit() -> str:
    """The git commit, with `+changes` when a tracked file differs from it (untracked ones do not count); or why there is none."""
    try:
        head = _git("rev-parse", "HEAD")
        changes = _git("status", "--porcelain", "-uno")
    except FileNotFoundError:
        return "unknown: git is not installed"
    except subprocess.CalledProcessError as error:
        return f"unknown: {error.stderr.strip().splitlines()[0]}"
    return head + ("+changes" if changes else "")


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout.strip()
