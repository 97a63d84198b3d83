"""The files around the book: locks, ignored and generated files, what no tracked file may hold."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
BOOK, TEST = "requirements.txt", "requirements-test.txt"
PIN = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>[0-9a-z.]+)(?: ; (?P<marker>[^\\]+?))?(?P<hashes>(?: --hash=sha256:[0-9a-f]{64})+)"
)
NO_PYTHON_VERSION = {
    "sys_platform",
    "implementation_name",
    "platform_python_implementation",
    "platform_system",
    "os_name",
    "platform_machine",
}

# What no file may hold, in pieces, so that this file does not hold it either.
MACHINE = re.compile(
    r"(?<![\w.~/-])/(?:" + "|".join(["work", "root", r"home/\w+", "Users", "tmp/(?:plan|bash)"]) + ")/|C:" + r"\\Users"
)
HOSTS = ["pypi" + ".org", "pythonhosted" + ".org", "registry.npmjs" + ".org", "deb.debian" + ".org", "proxy.golang" + ".org"]
REGISTRY = re.compile("|".join(map(re.escape, HOSTS)))


@cache
def pins(name: str) -> dict[str, re.Match[str]]:
    """Package -> its line of a lock, backslashes joined."""
    found: dict[str, re.Match[str]] = {}
    for line in re.sub(r" \\\n +", " ", (ROOT / name).read_text("utf-8")).splitlines():
        match = PIN.fullmatch(line)
        assert match, f"{name}: not a pinned package with hashes and nothing else: {line[:100]}"
        assert match["name"] not in found, f"{name}: {match['name']} has more than one version"
        found[match["name"]] = match
    return found


def groups() -> dict[str, list[Requirement]]:
    """Group of pyproject.toml -> what it asks for, included groups too."""
    raw = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]

    def lines(group: str) -> list[str]:
        return [line for item in raw[group] for line in (lines(item["include-group"]) if isinstance(item, dict) else [item])]

    return {group: [Requirement(line) for line in lines(group)] for group in raw}


def tracked() -> list[Path]:
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("not a git clone")
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


# Locks


@pytest.mark.parametrize("name", [BOOK, TEST])
def test_lock_lines_are_pins_with_hashes(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert len(pins(name)) > 30
    assert "://" not in text
    assert "#" not in text
    for match in pins(name).values():
        used = set(re.findall(r"\b([a-z]+(?:_[a-z]+)+)\b", match["marker"] or ""))
        assert used - {"python_full_version"} <= NO_PYTHON_VERSION, f"{name}: {match['name']} is not the same for every Python"
        assert not match["marker"] or Marker(match["marker"])


@pytest.mark.parametrize(("group", "name"), [("book", BOOK), ("test", TEST)])
def test_lock_has_what_pyproject_asks_for(group: str, name: str) -> None:
    for wanted in groups()[group]:
        match = pins(name).get(canonicalize_name(wanted.name))
        assert match, f"{name} lacks {wanted.name}; run: make lock"
        assert wanted.specifier.contains(Version(match["version"])), f"{name}: {wanted} is not {match['version']}; run: make lock"


def test_lock_of_the_book_is_part_of_the_lock_of_the_tests() -> None:
    book, test = ({match[0] for match in pins(name).values()} for name in (BOOK, TEST))
    assert book < test


def test_versions_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    book = yaml.load((ROOT / "docs/data/book.yaml").read_text("utf-8"), yaml.BaseLoader)
    newest = re.search(r"^## (\S+) \((\d{4}-\d{2}-\d{2})\)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest
    assert {project["version"], citation["version"], citation["preferred-citation"]["edition"], book["edition"]} == {newest[1]}
    assert citation["title"] == project["description"] == f"{book['title']}: {book['subtitle']}"
    assert citation["authors"] == [{"name": book["author"][0]["literal"]}]
    assert project["requires-python"] == ">=3.11"


# Files


def test_nothing_built_is_tracked() -> None:
    for path in tracked():
        parts = path.relative_to(ROOT).parts
        assert not {"build", "__pycache__"} & set(parts), path
        assert not any(part.startswith(".venv") or part.endswith("_cache") for part in parts), path


def test_what_is_built_is_ignored() -> None:
    tracked()  # skips where there is no git
    made = [
        "build/html/index.html",
        ".venv/pyvenv.cfg",
        ".venv-3.12/x",
        "tools/__pycache__/x.pyc",
        ".mypy_cache/x",
        ".hypothesis/x",
    ]
    done = subprocess.run(["git", "check-ignore", *made], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == made


def test_no_machine_and_no_registry_in_any_file() -> None:
    found = []
    for path in tracked():
        text = path.read_bytes().decode("utf-8", "replace")
        for pattern in (MACHINE, REGISTRY):
            found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in pattern.finditer(text)]
    assert not found


def test_every_text_file_is_utf8_with_unix_lines() -> None:
    for path in tracked():
        if path.suffix in (".png", ".woff2", ".ico", ".csv") or "fixtures" in path.parts:
            continue
        data = path.read_bytes()
        data.decode("utf-8")
        assert b"\r" not in data, path
        assert not data or (data.endswith(b"\n") and not data.endswith(b"\n\n")), f"{path}: ends with one line end"


def test_a_clone_has_the_same_bytes() -> None:
    """Git must not change line ends (.gitattributes), else what is generated looks stale in a fresh clone."""
    tracked()
    listed = subprocess.run(["git", "ls-files", "--eol"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        index, here = line.split()[:2]
        assert here in ("w/", index.replace("i/", "w/")), line


def test_actions_are_pinned_by_commit() -> None:
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        text = path.read_text("utf-8")
        assert yaml.safe_load(text)["permissions"] == {"contents": "read"}
        for used in re.findall(r"uses: (.+)", text):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}  # v[\d.]+", used), used


def test_continuous_integration_runs_what_developers_run() -> None:
    assert "exec make test\n" in (ROOT / ".ci" / "run").read_text("utf-8")
    assert "bash .ci/run" in (ROOT / ".github/workflows/ci.yml").read_text("utf-8")


def test_readme_pictures_and_links() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if "://" not in target:
            assert (ROOT / target).exists(), target
    for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text):
        assert (ROOT / picture).stat().st_size <= 150_000


SKIPPING = """
import pytest

def test_passes(): pass

def test_skips(): pytest.skip("no program")

@pytest.mark.skipif(True, reason="no module")
def test_is_skipped(): pass

@pytest.mark.xfail
def test_known(): assert False
"""


@pytest.mark.parametrize(
    ("variable", "expected"), [("", "1 passed, 3 skipped, 1 xfailed"), ("true", "1 failed, 1 passed, 1 xfailed, 2 errors")]
)
def test_a_skip_is_a_failure_in_continuous_integration(tmp_path: Path, variable: str, expected: str) -> None:
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_one.py").write_text(SKIPPING)
    (tmp_path / "test_two.py").write_text('import pytest\npytest.importorskip("no_such_module")\n')
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            tmp_path,
            "--continue-on-collection-errors",
            tmp_path,
        ],
        cwd=tmp_path,
        env=os.environ | {"CI": variable},
        capture_output=True,
        text=True,
    )
    assert expected in done.stdout.splitlines()[-1], done.stdout
    assert ("no program (a skip is a failure in continuous integration)" in done.stdout) == bool(variable)
