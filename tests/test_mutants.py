"""Each equation's test holds, and fails when the equation's code is changed by its mutant: a sign, an index, a factor."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
RAILS = Path(__file__).parent / "fixtures" / "rails"
INI = """\
[pytest]
pythonpath = . docs/labs docs/labs/worked
addopts = --import-mode=importlib
"""


def entries(root):
    files = sorted((root / "docs/data/equations").glob("*.yaml"))
    known = [entry for path in files for entry in yaml.safe_load(path.read_text("utf-8")) or []]
    return [entry for entry in known if "mutant" in entry]


KNOWN = [(root, entry) for root in (ROOT, RAILS) for entry in entries(root)]
IDS = [entry["id"] for _, entry in KNOWN]


def copy(root, folder):
    """What a test of an equation may need, and nothing else."""
    for name in ("docs/labs", "docs/exercises", "tests"):
        if (root / name).exists():
            skip = shutil.ignore_patterns("__pycache__", "fixtures", "test_ext_*", "test_mutants.py", "conftest.py")
            shutil.copytree(root / name, folder / name, ignore=skip)
    style = folder / "docs/labs/style.py"
    if not style.exists():
        shutil.copy(ROOT / "docs/labs/style.py", style)
    (folder / "pytest.ini").write_text(INI)
    return folder


@pytest.fixture(scope="module")
def run():
    """Runs tests in a folder: (exit status of pytest, what it said); 0 when all tests hold, 1 when one fails."""
    quiet = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    keep = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-B", str(Path(__file__).with_name("fork_tests.py"))]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=keep | quiet, stdin=pipe, stdout=pipe, text=True) as server:

        def ask(folder, *tests):
            server.stdin.write(f"{folder}\t{' '.join(tests)}\n")
            server.stdin.flush()
            return int(server.stdout.readline()), (folder / "said").read_text("utf-8", "replace")[-4000:]

        yield ask
        server.stdin.close()


@pytest.mark.parametrize("root", [ROOT, RAILS], ids=["book", "fixture"])
def test_without_a_mutant_all_tests_hold(root, tmp_path, run):
    tests = sorted({entry["test"] for entry in entries(root)})
    if not tests:
        return  # no equation is tied to a test yet
    status, said = run(copy(root, tmp_path), *tests)
    assert status == 0, said


@pytest.mark.parametrize("root, entry", KNOWN, ids=IDS)
def test_the_test_kills_the_mutant(root, entry, tmp_path, run):
    path = copy(root, tmp_path) / entry["mutant"]["file"]
    text = path.read_text("utf-8")
    assert text.count(entry["mutant"]["was"]) == 1
    path.write_text(text.replace(entry["mutant"]["was"], entry["mutant"]["becomes"]), "utf-8")
    compile(path.read_text("utf-8"), str(path), "exec")  # a slip, not a syntax error
    status, said = run(tmp_path, entry["test"])
    assert status == 1, f"{entry['test']} holds although {entry['mutant']['was']!r} became {entry['mutant']['becomes']!r}\n{said}"


def test_a_mutant_that_lives_is_noticed(tmp_path, run):
    folder = copy(RAILS, tmp_path)
    toy = folder / "docs/labs/toy.py"
    toy.write_text(toy.read_text("utf-8").replace("A toy.", "The toy."))
    assert run(folder, "tests/equations/test_toy.py::test_mean")[0] == 0
