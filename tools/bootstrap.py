"""Every target of the Makefile, for people with Python and nothing else: `python3 tools/bootstrap.py book`.

Standard library only, and in a syntax that Python 3.6 reads too, so that an old Python can say what is the matter. It finds a
Python that will do, keeps a virtual environment in `.venv` in step with the lock files, and runs the rest in there.
"""

import calendar
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, Dict, List, Sequence, Tuple

OLDEST = (3, 11)
TRIED = ("python3.13", "python3.12", "python3.11", "python3.14", "python3", "python")
ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "build" / "html"
NAME = "reasoning-llms-and-rl"  # of the files to take away
BOOK, TEST = "requirements.txt", "requirements-test.txt"
INPUTS = (
    "docs",
    "tools",
    "references.bib",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "CITATION.cff",
    "LICENSE",
    "LICENSE-TEXT",
    BOOK,
)


Command = Sequence[object]


class Stop(Exception):
    """One clear line for the reader, instead of a traceback."""


def say(line: str) -> None:
    print(line, flush=True)


def run(*command: object) -> int:
    return subprocess.call([str(part) for part in command], cwd=str(ROOT))


def must(*command: object) -> None:
    code = run(*command)
    if code:
        sys.exit(code)


def ask(*command: object) -> str:
    """What a command prints; nothing if there is no such command or it fails."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=str(ROOT),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return ""
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""


# A Python, and an environment for it


def version_of(python: str) -> Tuple[int, int]:
    found = re.match(r"(\d+) (\d+)$", ask(python, "-c", "import sys; print(sys.version_info[0], sys.version_info[1])"))
    return (int(found.group(1)), int(found.group(2))) if found else (0, 0)


def suitable_python() -> str:
    """This Python if it is new enough, else the first of TRIED that is."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for name in TRIED:
        path = shutil.which(name)
        if path and version_of(path) >= OLDEST:
            return path
    raise Stop("Python %d.%d or later is needed; this is %d.%d, and no later one was found." % (OLDEST + sys.version_info[:2]))


def python_in(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make_environment(python: str, folder: Path) -> None:
    if not ask(python, "-c", "import ensurepip, venv; print(1)"):
        raise Stop(
            "%s cannot make virtual environments; on Debian or Ubuntu run: apt-get install python%d.%d-venv"
            % ((python,) + version_of(python))
        )
    say("Making %s with %s" % (folder.name, python))
    if run(python, "-m", "venv", "--clear", folder):
        raise Stop("%s could not be made; the reason stands above." % folder)


def installed_line(lock: str, inside: Path) -> str:
    """What stands in an environment's file `locks` when `lock` is installed; an upgraded Python has lost its packages."""
    return "%s %s for Python %d.%d" % ((lock, hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()) + version_of(str(inside)))


def environment(lock: str = BOOK, python: str = "", name: str = ".venv") -> Path:
    """The Python of a virtual environment in which `lock` is installed; the file `locks` in there says which locks are."""
    folder = ROOT / name
    inside, stamp = python_in(folder), folder / "locks"
    if inside.exists() and stamp.exists() and installed_line(lock, inside) in stamp.read_text().splitlines():
        return inside
    if not ask(inside, "-m", "pip", "--version"):
        make_environment(python or suitable_python(), folder)
    say("Installing %s into %s (about a minute, only when the lock changes)" % (lock, name))
    pip = [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if run(*pip, "--require-hashes", "--requirement", ROOT / lock):
        raise Stop("%s could not be installed; the reason stands above. The first time, this needs the network." % lock)
    # The lock of the tests has all of the book's, in the same versions; a new lock of the book may undo the tests'.
    stamp.write_text("\n".join(installed_line(each, inside) for each in ([BOOK, TEST] if lock == TEST else [BOOK])) + "\n")
    return inside


# The book


def last_change() -> str:
    """Seconds since 1970 of the last commit, else of the newest date in the changelog: it dates what the build makes."""
    seconds = ask("git", "log", "-1", "--format=%ct") if (ROOT / ".git").exists() else ""
    if seconds:
        return seconds
    dates = re.findall(r"^## .*(\d{4}-\d{2}-\d{2})", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    say("No git history here: the book is dated by CHANGELOG.md, %s." % max(dates))
    return str(calendar.timegm(time.strptime(max(dates), "%Y-%m-%d")))


def state() -> str:
    """A digest that changes when any file the book is made of is added, removed or written."""
    lines = []
    for name in INPUTS:
        top = ROOT / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and "__pycache__" not in path.parts:
                about = path.stat()
                lines.append("%s %d %d" % (path.relative_to(ROOT).as_posix(), about.st_size, about.st_mtime_ns))
    made = sorted((ROOT / "build").glob("pdf/**/*.pdf")) + sorted((ROOT / "build").glob("epub/*.epub"))  # the pages link to them
    lines += ["%s %d" % (path.relative_to(ROOT).as_posix(), path.stat().st_size) for path in made]
    return hashlib.sha256("\n".join(lines + [os.environ.get("SOURCE_DATE_EPOCH", "")]).encode()).hexdigest()


def machinery() -> str:
    """A digest of what makes every page: extensions, templates, settings."""
    files = (
        [ROOT / "docs" / "conf.py"]
        + sorted((ROOT / "docs" / "_ext").glob("*.py"))
        + sorted((ROOT / "docs" / "_templates").glob("*"))
    )
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


def make_book(python: Path, output: Path = HTML) -> int:
    """Build the book, unless nothing that it is made of has changed since the last build without a warning."""
    os.environ.setdefault("SOURCE_DATE_EPOCH", last_change())
    index, stamp, trees = (
        output / "index.html",
        output.parent / (output.name + ".state"),
        output.parent / (output.name + ".trees"),
    )
    before = state()
    if index.exists() and stamp.exists() and stamp.read_text() == before:
        say("Nothing has changed.")
    else:
        if stamp.exists():
            stamp.unlink()
        made_by = trees / "machinery"
        if made_by.exists() and made_by.read_text() != machinery():
            shutil.rmtree(str(trees), ignore_errors=True)  # Sphinx does not know which pages an extension or a template makes
        if run(python, "-m", "sphinx", "-n", "-W", "--keep-going", "-q", "-j", "auto", "-d", trees, "docs", output):
            shutil.rmtree(str(trees), ignore_errors=True)  # else the next build skips the pages that had warnings, and passes
            say("The book has problems; they stand above.")
            return 1
        (trees / "machinery").write_text(machinery())
        stamp.write_text(before)
    say("The book is in %s" % index)
    return 0


def sphinx(python: Path, builder: str, folder: Path) -> int:
    """Run another builder of Sphinx; warnings are errors."""
    os.environ.setdefault("SOURCE_DATE_EPOCH", last_change())
    trees = folder.parent / (folder.name + ".trees")
    code = run(python, "-m", "sphinx", "-b", builder, "-n", "-W", "--keep-going", "-q", "-j", "auto", "-d", trees, "docs", folder)
    if code:
        shutil.rmtree(str(trees), ignore_errors=True)  # as in make_book
    return code


def make_pdf(python: Path, folder: str = "pdf") -> int:
    latex = ROOT / "build" / "latex"
    return sphinx(python, "latex", latex) or run(python, "-m", "tools", "paper", latex, ROOT / "build" / folder, NAME + ".pdf")


def make_epub(python: Path) -> int:
    code = sphinx(python, "epub", ROOT / "build" / "epub")
    if not code:
        say("The book is in %s" % (ROOT / "build" / "epub" / (NAME + ".epub")))
    return code


def make_offline(python: Path) -> int:
    target = ROOT / "build" / "offline" / (NAME + "-html.zip")
    return make_book(python) or run(python, "-m", "tools", "offline", HTML, target)


# The targets


def book(*_: str) -> int:
    """build the book: build/html/index.html"""
    return make_book(environment())


def pdf(*_: str) -> int:
    """build/pdf: the book as PDF, and a PDF of each chapter (needs LuaLaTeX: make system)"""
    return make_pdf(environment())


def epub(*_: str) -> int:
    """build/epub: the book for e-readers and phones"""
    return make_epub(environment())


def offline(*_: str) -> int:
    """build/offline: the HTML book as one zip, to read without a network"""
    return make_offline(environment())


def everything(*_: str) -> int:
    """HTML, PDF, EPUB and the zip"""
    python = environment()
    return make_epub(python) or make_pdf(python) or make_offline(python)  # HTML last: it links to the others


def release(*_: str) -> int:
    """all formats, and the PDF on US Letter in build/pdf-letter"""
    code = everything()
    if code:
        return code
    os.environ["BOOK_PAPER"] = "letterpaper"
    return make_pdf(environment(), "pdf-letter")


def system(*_: str) -> int:
    """install the Debian packages of tools/system-packages.txt (as root)"""
    system_packages(install=True)
    return 0


def check(*names: str) -> int:
    """find mistakes in the data and the pages, without building"""
    return run(environment(), "-m", "tools", "check", *names)


def quick(*_: str) -> int:
    """lint, types and the tests that need no built book (at most a minute)"""
    python = environment(TEST)
    return stages(
        [
            ("lint", lint(python)),
            ("types", [(python, "-m", "mypy")]),
            ("data", [(python, "-m", "tools", "build", "--check"), (python, "-m", "tools", "check")]),
            ("tests", [(python, "-m", "pytest", "-q", "-n", "auto", "-m", "not book and not browser")]),
        ]
    )


def test(*_: str) -> int:
    """everything that continuous integration runs, with a time for each stage"""
    begin = time.monotonic()
    system_packages()
    python = environment(TEST)
    node_packages(python)
    say("-- set-up: %.1f s" % (time.monotonic() - begin))
    made = ["epub"] + (["pdf"] if shutil.which("lualatex") else []) + ["offline"]
    formats = [(name, [(python, __file__, name)]) for name in made]  # type: List[Tuple[str, List[Command]]]
    return stages(
        [
            ("lint", lint(python)),
            ("types", [(python, "-m", "mypy")]),
            ("imports", [(python, "-c", "from importlinter.cli import lint_imports_command as run; run()")]),
            ("data", [(python, "-m", "tools", "build", "--check"), (python, "-m", "tools", "check")]),
            *formats,
            ("tests", [(python, "-m", "pytest", "-n", "auto", "--durations=10", "--durations-min=2")]),
        ]
    )


def watch(*_: str) -> int:
    """python -m tools build, then the book, again whenever a file changes, until Ctrl-C"""
    python, built = environment(), ""
    os.environ.setdefault("SOURCE_DATE_EPOCH", last_change())
    while True:
        if state() != built:
            if run(python, "-m", "tools", "build") == 0:
                make_book(python)
            built = state()
            say("Waiting for a change; Ctrl-C ends this.")
        time.sleep(1)


def matrix(*_: str) -> int:
    """build the book under each of Python 3.11, 3.12 and 3.13 that is here"""
    results = {}
    for minor in (11, 12, 13):
        name = "python3.%d" % minor
        path = shutil.which(name)
        if not path or version_of(path) != (3, minor):
            results[name] = "not here"
            continue
        inside = environment(python=path, name=".venv-3.%d" % minor)
        results[name] = "failed" if make_book(inside, ROOT / "build" / name / "html") else "passed"
    for name, result in results.items():
        say("%s: %s" % (name, result))
    return 1 if "failed" in results.values() or "passed" not in results.values() else 0


def bench(*_: str) -> int:
    """measure what the press costs on real data and on 10,000 made-up papers"""
    return run(environment(), ROOT / "benchmarks" / "build_cost.py")


def lock(*options: str) -> int:
    """write the lock files anew from pyproject.toml (newest versions: tools/bootstrap.py lock --upgrade)"""
    import tomllib  # here, because an old Python reads this file too

    folder = ROOT / ".venv-lock"
    if not ask(python_in(folder), "-m", "uv", "--version"):
        make_environment(suitable_python(), folder)
        groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
        uv = [line for line in groups["dev"] if isinstance(line, str) and line.startswith("uv")]
        must(python_in(folder), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *uv)
    compile_lock = [str(python_in(folder)), "-m", "uv", "--quiet", "pip", "compile", "pyproject.toml", *options]
    compile_lock += ["--universal", "--python-version", "%d.%d" % OLDEST, "--fork-strategy", "fewest"]
    compile_lock += ["--generate-hashes", "--no-annotate", "--no-header", "--no-emit-index-url", "--no-emit-find-links"]
    must(*compile_lock, "--group", "book", "--output-file", BOOK)
    must(*compile_lock, "--group", "test", "--output-file", TEST, "--constraint", BOOK)
    return 0


def clean(*_: str) -> int:
    """remove what was built, and the virtual environments"""
    for path in [ROOT / "build"] + sorted(ROOT.glob(".venv*")) + sorted(ROOT.glob(".*_cache")):
        shutil.rmtree(str(path), ignore_errors=True)
    return 0


def show_help(*_: str) -> int:
    """show these lines"""
    for name, target in TARGETS.items():
        say("  make %-7s %s" % (name, target.__doc__))
    say("Without make: python3 tools/bootstrap.py TARGET (on Windows: py tools\\bootstrap.py TARGET)")
    return 0


TARGETS: Dict[str, Callable[..., int]] = {
    "help": show_help,
    "book": book,
    "pdf": pdf,
    "epub": epub,
    "offline": offline,
    "all": everything,
    "release": release,
    "system": system,
    "test": test,
    "quick": quick,
    "check": check,
    "watch": watch,
    "matrix": matrix,
    "bench": bench,
    "lock": lock,
    "clean": clean,
}


# What `test` and `quick` are made of


def lint(python: Path) -> List[Command]:
    return [
        (python, "-m", "ruff", "check", "--quiet"),
        (python, "-m", "ruff", "format", "--check", "--quiet"),
        (python, "-m", "codespell_lib"),
    ]


def stages(plan: List[Tuple[str, List[Command]]]) -> int:
    """Run all stages, whatever fails, and print a time for each; the last line of a good run is pytest's own."""
    failed = []
    for name, commands in plan:
        begin = time.monotonic()
        say("-- " + name)
        codes = [run(*command) for command in commands]
        if any(codes):
            failed.append(name)
        if name != plan[-1][0] or failed:
            say("-- %s: %s, %.1f s" % (name, "FAILED" if any(codes) else "passed", time.monotonic() - begin))
    if failed:
        say("Failed: " + ", ".join(failed))
    return 1 if failed else 0


def system_packages(install: bool = False) -> None:
    """Install the programs that PDF and tests need (asked for, or as root in continuous integration), or say how to."""
    lines = (ROOT / "tools" / "system-packages.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line.split("#")[0].strip() for line in lines if line.split("#")[0].strip()]
    missing = [name for name in wanted if ask("dpkg-query", "-W", "-f", "${db:Status-Status}", name) != "installed"]
    if not missing:
        return
    command = ["apt-get", "install", "--yes", "--no-install-recommends"] + missing
    root = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")
    if root and (install or os.environ.get("CI")):
        os.environ["DEBIAN_FRONTEND"] = "noninteractive"
        must("apt-get", "--quiet", "update")
        must(*(command[:1] + ["--quiet"] + command[1:]))
    else:
        say(
            "Missing: %s. What needs them cannot be made or tested here. On Debian: sudo %s"
            % (", ".join(missing), " ".join(command))
        )


def node_packages(python: Path) -> None:
    """Put what the tests run in Node (tests/node) into build/node; Node comes with a Python package."""
    source, target = ROOT / "tests" / "node", ROOT / "build" / "node"
    files = [source / name for name in ("package.json", "package-lock.json", ".npmrc")]
    wanted = hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()
    stamp = target / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    target.mkdir(parents=True, exist_ok=True)
    for path in files:
        shutil.copyfile(str(path), str(target / path.name))
    os.environ["PATH"] = str(python.parent) + os.pathsep + os.environ["PATH"]
    npm = shutil.which("npm")
    if subprocess.call([str(npm), "ci", "--no-progress", "--loglevel=error"], cwd=str(target)):
        raise Stop("The packages of tests/node could not be installed; the reason stands above.")
    stamp.write_text(wanted)


def main(arguments: List[str]) -> int:
    name = arguments[0] if arguments else "help"
    if name not in TARGETS:
        raise Stop("There is no target %s; there are: %s." % (name, ", ".join(TARGETS)))
    if sys.version_info < OLDEST and name != "help":
        return run(suitable_python(), __file__, *arguments)
    os.environ["PYTHONUTF8"] = "1"
    return TARGETS[name](*arguments[1:])


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Stop as reason:
        sys.exit(str(reason))
    except KeyboardInterrupt:
        sys.exit(130)
