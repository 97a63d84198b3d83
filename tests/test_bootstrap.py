"""What a reader meets who has Python, and perhaps nothing else: each thing that is missing gives one clear line."""

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "tools" / "bootstrap.py"

INDEX = "# A book\n\nOne page, [linked](#a-book).\n"
CONF = 'project = "A book"\nextensions = ["myst_parser"]\nmyst_heading_anchors = 2\nhtml_theme = "basic"\n'


@pytest.fixture
def bootstrap() -> ModuleType:
    """A fresh copy of the module, for the tests that replace parts of it."""
    spec = importlib.util.spec_from_file_location("bootstrap_under_test", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A tiny book beside the real script, without git and with this test's own Python as its installed environment."""
    for name in (
        "tools/bootstrap.py",
        "tools/system-packages.txt",
        "requirements.txt",
        "requirements-test.txt",
        "CHANGELOG.md",
        "Makefile",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text(INDEX)
    (tmp_path / "docs" / "conf.py").write_text(CONF)
    inside = tmp_path / ".venv" / "bin" / "python"
    inside.parent.mkdir(parents=True)
    inside.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    inside.chmod(0o755)
    return tmp_path


def installed(clone: Path, bootstrap: ModuleType) -> None:
    """Pretend that both locks are installed in the clone's environment."""
    bootstrap.ROOT = clone
    (clone / ".venv" / "locks").write_text(
        "\n".join(bootstrap.installed_line(lock, clone / ".venv" / "bin" / "python") for lock in (bootstrap.BOOK, bootstrap.TEST))
    )


def run(clone: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {name: value for name, value in os.environ.items() if name not in ("SOURCE_DATE_EPOCH", "CI")}
    return subprocess.run(
        [sys.executable, clone / "tools" / "bootstrap.py", *arguments],
        env=variables | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def fake_python(folder: Path, name: str, version: str, modules: bool = True) -> None:
    """A stand-in for an interpreter: answers the script's questions and fails at all else."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(
        "#!/bin/sh\n"
        'case "$2" in\n'
        f'  *version_info*) echo "{version}" ;;\n'
        f"  *ensurepip*) {'echo 1' if modules else 'exit 1'} ;;\n"
        '  *) echo "$0 $@" ;;\n'
        "esac\n"
    )
    (folder / name).chmod(0o755)


# The interpreter


def test_old_pythons_can_read_the_script() -> None:
    ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 6))


def test_old_python_alone(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake_python(tmp_path / "bin", "python3", "3 8")
    fake_python(tmp_path / "bin", "python3.12", "")  # a name that leads nowhere
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(sys, "version_info", (3, 8, 18))
    with pytest.raises(bootstrap.Stop, match=r"^Python 3\.11 or later is needed; this is 3\.8, and no later one was found\.$"):
        bootstrap.main(["book"])


def test_old_python_beside_a_new_one(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake_python(tmp_path / "bin", "python3", "3 8")
    fake_python(tmp_path / "bin", "python3.12", "3 12")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr(sys, "version_info", (3, 8, 18))
    monkeypatch.setattr(bootstrap, "TRIED", ("python3", "python3.12"))
    assert bootstrap.suitable_python() == str(tmp_path / "bin" / "python3.12")
    assert bootstrap.main(["book"]) == 0  # handed over to the new one


def test_later_pythons_are_not_refused(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    assert bootstrap.suitable_python() == sys.executable


# The environment


def test_no_venv_module(bootstrap: ModuleType, tmp_path: Path) -> None:
    fake_python(tmp_path / "bin", "python3", "3 11", modules=False)
    expected = r"cannot make virtual environments; on Debian or Ubuntu run: apt-get install python3\.11-venv$"
    with pytest.raises(bootstrap.Stop, match=expected):
        bootstrap.make_environment(str(tmp_path / "bin" / "python3"), tmp_path / ".venv")
    assert not (tmp_path / ".venv").exists()


def test_one_line_and_no_traceback(clone: Path) -> None:
    done = run(clone, "bok")
    assert done.returncode == 1
    assert (
        done.stderr == "There is no target bok; there are: help, book, pdf, epub, offline, all, release, system, "
        "test, quick, check, watch, matrix, bench, lock, clean.\n"
    )
    assert done.stdout == ""


def test_install_only_when_the_lock_changes(bootstrap: ModuleType, clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bootstrap.ROOT = clone
    calls: list[str] = []
    monkeypatch.setattr(bootstrap, "run", lambda *command: calls.append(" ".join(map(str, command))) or 0)
    inside = bootstrap.environment()
    assert inside == clone / ".venv" / "bin" / "python"
    assert len(calls) == 1
    assert re.search(r"-m pip install .*--require-hashes --requirement .*/requirements\.txt$", calls[0])
    bootstrap.environment()
    assert len(calls) == 1, "the second time nothing is left to do"
    bootstrap.environment(bootstrap.TEST)
    assert len(calls) == 2
    bootstrap.environment()
    assert len(calls) == 2, "the test lock holds the book's"
    with (clone / "requirements.txt").open("a") as lock:
        lock.write("# changed\n")
    bootstrap.environment()
    assert len(calls) == 3
    bootstrap.environment(bootstrap.TEST)
    assert len(calls) == 4, "a new lock of the book may have undone the tests'"
    monkeypatch.setattr(bootstrap, "version_of", lambda _: (3, 99))
    bootstrap.environment()
    assert len(calls) == 5, "a Python that was upgraded in place has lost its packages"


def test_a_failed_install_is_tried_again(bootstrap: ModuleType, clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bootstrap.ROOT = clone
    monkeypatch.setattr(bootstrap, "run", lambda *_: 1)
    with pytest.raises(bootstrap.Stop, match=r"^requirements\.txt could not be installed; .* needs the network\.$"):
        bootstrap.environment()
    assert not (clone / ".venv" / "locks").exists()


def test_an_environment_whose_python_is_gone_is_made_anew(
    bootstrap: ModuleType, clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(clone, bootstrap)
    python = clone / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(clone / "no-such-python")
    made: list[Path] = []
    monkeypatch.setattr(bootstrap, "make_environment", lambda _, folder: made.append(folder))
    monkeypatch.setattr(bootstrap, "run", lambda *_: 0)
    bootstrap.environment()
    assert made == [clone / ".venv"]


# The book


@pytest.mark.book
def test_book(bootstrap: ModuleType, clone: Path) -> None:
    """From nothing to a page; again at once; again after a change; a warning fails, and fails again until it is mended."""
    installed(clone, bootstrap)
    page, index = clone / "docs" / "index.md", clone / "build" / "html" / "index.html"
    dated = "No git history here: the book is dated by CHANGELOG.md"

    first = run(clone, "book")
    assert first.returncode == 0, first.stdout + first.stderr
    assert first.stdout.startswith(dated)
    assert first.stdout.endswith(f"The book is in {index}\n")
    assert "One page" in index.read_text()

    again = run(clone, "book")
    assert again.stdout.splitlines()[1:] == ["Nothing has changed.", f"The book is in {index}"]

    page.write_text(INDEX + "\nA second paragraph.\n")
    assert "Nothing has changed." not in run(clone, "book").stdout
    assert "A second paragraph." in index.read_text()

    good = page.read_text(), page.stat().st_mtime_ns
    page.write_text(INDEX + "\n[nowhere](#nowhere)\n")
    for _ in range(2):  # Sphinx alone would skip the page the second time, and pass
        broken = run(clone, "book")
        assert broken.returncode == 1
        assert "docs/index.md:5: WARNING" in broken.stderr
        assert broken.stdout.endswith("The book has problems; they stand above.\n")

    page.write_text(good[0])
    os.utime(page, ns=(good[1], good[1]))  # as it was at the last good build, unlike what stands in build/
    mended = run(clone, "book")
    assert mended.returncode == 0
    assert "Nothing has changed." not in mended.stdout

    assert run(clone, "clean").returncode == 0
    assert not (clone / "build").exists()
    assert not (clone / ".venv").exists()


def test_any_change_of_the_sources_is_seen(bootstrap: ModuleType, clone: Path) -> None:
    bootstrap.ROOT = clone
    seen = [bootstrap.state()]
    (clone / "docs" / "new.md").write_text("# New\n")
    seen.append(bootstrap.state())
    (clone / "docs" / "new.md").rename(clone / "docs" / "newer.md")
    seen.append(bootstrap.state())
    (clone / "docs" / "newer.md").write_text("# Wen\n")
    os.utime(clone / "docs" / "newer.md", ns=(1, 1))
    seen.append(bootstrap.state())
    (clone / "README.md").write_text("# Read me\n")
    seen.append(bootstrap.state())
    assert len(set(seen)) == len(seen)
    assert bootstrap.state() == seen[-1]


def test_the_date_of_the_last_commit(bootstrap: ModuleType, clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bootstrap.ROOT = clone
    (clone / "CHANGELOG.md").write_text("# Changelog\n\n## 0.2 (2026-12-24)\n\n## 0.1 (2026-11-22)\n")
    assert bootstrap.last_change() == "1798070400"  # 2026-12-24, UTC
    assert capsys.readouterr().out == "No git history here: the book is dated by CHANGELOG.md, 2026-12-24.\n"
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    git = ["git", "-c", "user.name=N", "-c", "user.email=n@example.org", "-C", str(clone)]
    subprocess.run([*git, "init", "--quiet"], check=True)
    when = {"GIT_AUTHOR_DATE": "1700000000 +0000", "GIT_COMMITTER_DATE": "1700000000 +0000"}
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", "A"], check=True, env=os.environ | when)
    assert bootstrap.last_change() == "1700000000"
    assert capsys.readouterr().out == ""


def test_git_is_not_installed(bootstrap: ModuleType, clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bootstrap.ROOT = clone
    (clone / ".git").mkdir()
    monkeypatch.setenv("PATH", str(clone))
    assert int(bootstrap.last_change()) > 1_700_000_000


# The tests' own needs


def test_missing_programs(
    bootstrap: ModuleType, clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bootstrap.ROOT = clone
    (clone / "tools" / "system-packages.txt").write_text("# Why\nalpha  # for A\nbeta\n")
    calls: list[str] = []
    monkeypatch.setattr(bootstrap, "ask", lambda *command: "installed" if command[-1] == "alpha" else "")
    monkeypatch.setattr(bootstrap, "must", lambda *command: calls.append(" ".join(command)))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 0)

    monkeypatch.delenv("CI", raising=False)
    bootstrap.system_packages()
    told = "Missing: beta. What needs them cannot be made or tested here. "
    told += "On Debian: sudo apt-get install --yes --no-install-recommends beta\n"
    assert (capsys.readouterr().out, calls) == (told, [])

    monkeypatch.setenv("CI", "true")
    bootstrap.system_packages()
    assert calls == ["apt-get --quiet update", "apt-get --quiet install --yes --no-install-recommends beta"]

    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
    bootstrap.system_packages()
    assert (capsys.readouterr().out, len(calls)) == (told, 2)


def test_stages_go_on_after_a_failure_and_end_with_the_tests(bootstrap: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    good, bad = (sys.executable, "-c", "print('3 passed')"), (sys.executable, "-c", "raise SystemExit(3)")
    assert bootstrap.stages([("lint", [good]), ("tests", [good])]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert re.fullmatch(r"-- lint: passed, \d+\.\d s", lines[2])
    assert lines[-1] == "3 passed"
    assert bootstrap.stages([("lint", [bad, good]), ("tests", [good])]) == 1
    lines = capfd.readouterr().out.splitlines()
    assert re.fullmatch(r"-- lint: FAILED, \d+\.\d s", lines[2])
    assert lines[-1] == "Failed: lint"
    assert lines.count("3 passed") == 2, "the stages and commands after a failure run as well"


# The Makefile


def test_make_and_the_script_have_the_same_targets(bootstrap: ModuleType, clone: Path) -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    rules = dict(re.findall(r"^(\w+):\n\t@(.+)$", text, re.MULTILINE))
    assert rules == {name: f"$(PYTHON) tools/bootstrap.py {name}" for name in bootstrap.TARGETS}
    phony = re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)
    assert phony
    assert set(phony[1].split()) == set(rules)
    shown = run(clone, "help").stdout
    assert re.findall(r"^  make (\w+) +\S", shown, re.MULTILINE) == list(bootstrap.TARGETS)
    assert "python3 tools/bootstrap.py TARGET" in shown


def test_make_says_the_same(clone: Path) -> None:
    if not shutil.which("make"):
        pytest.skip("make is not installed")
    done = subprocess.run(["make", "-C", clone, "-s"], capture_output=True, text=True, check=False)
    assert done.stdout == run(clone, "help").stdout
