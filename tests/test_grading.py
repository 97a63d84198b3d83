"""Graders: right solutions pass, wrong ones fail by the name of the property, and whatever runs wild is stopped."""

import os
import re
import time
from pathlib import Path

import pytest

from tools import cli
from tools.grading import Limits, grade

ROOT = Path(__file__).parent.parent
RAILS = Path(__file__).parent / "fixtures" / "rails"
SMALL = Limits(cpu=1, memory=400_000_000, output=100_000, wall=4.0)


def solutions(kinds):
    """(root, exercise, file) of each solution of each exercise in code, of the book and of the fixture."""
    found = []
    for root in (ROOT, RAILS):
        for check in sorted((root / "docs/exercises").rglob("*_check.py")):
            name = check.stem.removesuffix("_check")
            for kind in kinds:
                file = check.with_name(f"{name}_{kind}.py")
                found.append(pytest.param(root, f"{check.parent.name}/{name}", file, id=f"{check.parent.name}/{file.stem}"))
    return found


@pytest.mark.parametrize("root, exercise, file", solutions(["reference", "other"]))
def test_right_solutions_pass(root, exercise, file):
    found = grade(root, exercise, file)
    assert found.passed, f"{found}\n{found.printed}"


@pytest.mark.parametrize("root, exercise, file", solutions(["wrong1", "wrong2", "wrong3"]))
def test_wrong_solutions_fail_by_name(root, exercise, file):
    found = grade(root, exercise, file)
    named = file.read_text("utf-8").splitlines()[0].removeprefix("# fails: ").strip()
    assert not found.passed
    assert named in [name for name, holds in found.properties if not holds], f"{found}\n{found.printed}"


@pytest.mark.parametrize("root, exercise, file", solutions(["check"]))
def test_the_file_with_holes_is_no_solution(root, exercise, file):
    found = grade(root, exercise, file.with_name(f"{exercise.split('/')[1]}.py"))
    assert not found.passed
    assert "hole" in found.stopped


@pytest.mark.parametrize(
    "code, said",
    [
        ("while True: pass", "seconds"),
        ("import time\ntime.sleep(60)", "took more than 4 seconds"),
        ("x = bytearray(10**9)", "memory"),
        ("x = []\nwhile True: x.append(' ' * 10**7)", "memory"),
        ("while True: print('x' * 1000)", "wrote more than|File too large"),
        ("open('big', 'w').write('x' * 10**7)", "wrote more than|File too large"),
        ("import sys\nsys.exit(0)", "SystemExit"),
        ("import os\nos._exit(0)", "before all properties were tried"),
        ("def clip(x, low, high): return 1 / 0", r"ZeroDivisionError.*\(line 1\)"),
        ("def clip(x, low, high) return x", "SyntaxError"),
        ("x = 1", "AttributeError"),
    ],
)
def test_what_runs_wild_is_stopped(tmp_path, code, said):
    file = tmp_path / "mine.py"
    file.write_text(code)
    begin = time.monotonic()
    found = grade(RAILS, "toy/02-clip", file, SMALL)
    assert time.monotonic() - begin < 10
    assert not found.passed
    assert re.search(said, found.stopped), found
    assert len(found.printed) <= SMALL.output


def test_children_of_the_child_end_with_it(tmp_path):
    file, note = tmp_path / "mine.py", tmp_path / "pid"
    file.write_text(
        f"import os, time\npid = os.fork()\nif pid == 0:\n    time.sleep(60)\nopen({str(note)!r}, 'w').write(str(pid))\n"
        "def clip(x, low, high): return min(max(x, low), high)\n"
    )
    assert grade(RAILS, "toy/02-clip", file, SMALL).passed
    for _ in range(50):
        try:
            os.kill(int(note.read_text()), 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{note.read_text()}/stat").read_text().split(") ")[1].startswith("Z"):
            return  # ended; whoever adopts orphans has not looked yet
        time.sleep(0.1)
    pytest.fail("a grandchild outlived the grading")


def test_the_command_line(capsys, tmp_path):
    folder = RAILS / "docs/exercises/toy"
    arguments = ["--root", str(RAILS), "grade", "toy/02-clip"]
    assert cli.main([*arguments, str(folder / "02-clip_other.py")]) == 0
    out, err = capsys.readouterr()
    assert out.endswith("3 of 3 properties hold\n")
    assert "no security boundary" in err
    assert cli.main([*arguments, str(folder / "02-clip_wrong1.py")]) == 1
    assert "FAILS: what is too low becomes the lower end" in capsys.readouterr().out
    assert cli.main(["--root", str(RAILS), "grade", "toy/nothing", "x.py"]) == 2
    assert "there are: toy/02-clip" in capsys.readouterr().err
    assert cli.main([*arguments, str(tmp_path / "nothing.py")]) == 2
