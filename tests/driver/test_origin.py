"""Who runs a notebook, and what its repository holds; nothing of it is ever a reason to fail."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

import nbflow
from nbflow.driver import origin
from nbflow.driver.origin import Changes
from tests.notebooks import notebook, step, write

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    return subprocess.run(
        ["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit of one notebook."""
    folder = tmp_path / "repository"
    (folder / "notebooks").mkdir(parents=True)
    write(notebook(step("a", "b = 1")), folder / "notebooks" / "a.ipynb")
    git(folder, "init", "-q", ".")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder


def asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> bool | None:
    """Git's answer, with all the time that it wants."""
    monkeypatch.setattr(origin, "_PATIENCE", 30)
    return Changes(folder, origin.origin(folder).commit).answer()


@needs_git
def test_the_commit_is_found_from_any_folder_of_the_repository(repository: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    assert origin.origin(repository / "notebooks").commit == commit
    git(repository, "pack-refs", "--all")
    assert origin.origin(repository).commit == commit
    git(repository, "checkout", "-q", "--detach")
    assert origin.origin(repository).commit == commit
    git(repository, "worktree", "add", "-q", "../beside", "-b", "other")
    assert origin.origin(repository.parent / "beside").commit == commit


@needs_git
def test_changed_and_staged_files_make_it_dirty_and_new_ones_do_not(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "new").write_text("")
    assert asked(repository / "notebooks", monkeypatch) is False
    file = repository / "notebooks" / "a.ipynb"
    file.write_text(file.read_text() + "\n")
    assert asked(repository / "notebooks", monkeypatch) is True
    git(repository, "add", "notebooks")
    assert asked(repository, monkeypatch) is True


def test_without_a_repository_there_is_no_commit_and_nobody_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = origin.origin(tmp_path)
    assert (found.commit, bool(found.user), bool(found.host)) == ("", True, True)
    monkeypatch.setattr(subprocess, "Popen", None)
    assert Changes(tmp_path, "").answer() is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("HEAD", ""),
        ("HEAD", "ref: refs/heads/none"),
        ("HEAD", "ref:"),
        ("HEAD", "--output=x"),
        (".git", "gitdir: nowhere"),
    ],
)
def test_a_broken_repository_is_none(tmp_path: Path, name: str, text: str) -> None:
    if name == ".git":
        (tmp_path / name).write_text(text)
    else:
        (tmp_path / ".git").mkdir()
        (tmp_path / ".git" / name).write_text(text)
    assert origin.origin(tmp_path).commit == ""


def test_nobody_is_missed_where_the_system_tells_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        raise OSError

    monkeypatch.setattr(getpass, "getuser", fail)
    monkeypatch.setattr(socket, "gethostname", fail)
    assert origin.origin(tmp_path) == origin.Origin()


def test_a_git_that_is_missing_or_slow_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert Changes(tmp_path, "0" * 40).answer() is None
    slow = tmp_path / "bin" / "git"
    slow.write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    slow.chmod(0o755)
    changes = Changes(tmp_path, "0" * 40)
    begun = time.monotonic()
    assert changes.answer() is None
    assert time.monotonic() - begun < 10


@needs_git
def test_a_run_records_who_and_where(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origin, "_PATIENCE", 30)
    with nbflow.load(repository / "notebooks" / "a.ipynb") as flow:
        head = flow.run(executor="inline").head
        assert head.commit == git(repository, "rev-parse", "HEAD")
        assert (head.dirty, bool(head.user), bool(head.host)) == (False, True, True)
        assert flow.runs()[-1].head.dirty is False
