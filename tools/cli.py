"""The commands. Only this module prints."""

import argparse
import ast
import re
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from tools import outputs, pages
from tools.catalog import Catalog
from tools.checks import CHECKS, run
from tools.formats.archive import pack
from tools.formats.paper import MOST_POINTS, PaperError, count_wide, cut, pages_of, typeset
from tools.formats.paper import problems as lost
from tools.grading import NOT_SAFE, grade
from tools.load import load
from tools.pages import Page
from tools.problem import Problem
from tools.skeleton import CHAPTER, KINDS, chapter, skeleton

ROOT = Path(__file__).resolve().parent.parent
CODE = re.compile(r"^([A-Z][A-Z0-9]{2,4}[0-9]{3}): (.*)$", re.MULTILINE)
CODE_USED = re.compile(r"\"([A-Z][A-Z0-9]{2,4}[0-9]{3})\"")


def _report(problems: Iterable[Problem]) -> int:
    """Print every problem, sorted; the exit status."""
    ordered = sorted(set(problems))
    for problem in ordered:
        print(problem)
    if ordered:
        print(
            f"{len(ordered)} problem{'s' * (len(ordered) != 1)}; python -m tools explain CODE says what a code means",
            file=sys.stderr,
        )
    return 1 if ordered else 0


def _read(root: Path) -> tuple[Catalog | None, list[Page], list[Problem]]:
    catalog, problems = load(root)
    found, more = pages.load(root)
    return catalog, found, problems + more


def build(options: argparse.Namespace) -> int:
    """Validate everything, then write references.bib and docs/_generated (--check: only say what is stale)."""
    catalog, found, problems = _read(options.root)
    if catalog is None or problems:
        return _report(problems)
    made = outputs.manifest(catalog, found)
    if options.check:
        return _report(outputs.stale(options.root, made))
    changed, problems = outputs.write(options.root, made)
    print(f"{len(made)} files, {len(changed)} changed")
    return _report(problems)


def check(options: argparse.Namespace) -> int:
    """Run all checks, or those that are named."""
    unknown = [name for name in options.names if name not in CHECKS]
    if unknown:
        print(f"no check is called {', '.join(unknown)}; there are {', '.join(CHECKS)}", file=sys.stderr)
        return 2
    catalog, found, problems = _read(options.root)
    if catalog is None:
        return _report(problems)
    for name in options.names or CHECKS:
        problems += run(name, options.root, catalog, found)
    status = _report(problems)
    if not status:
        print(f"{len(options.names or CHECKS)} checks passed on {len(found)} pages")
    return status


def explanations(root: Path = ROOT) -> dict[str, str]:
    """Code -> what its docstring says, over all modules of the press."""
    found: dict[str, str] = {}
    for path in sorted((root / "tools").rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef)):
                found |= dict(CODE.findall(ast.get_docstring(node) or ""))
    return found


def explain(options: argparse.Namespace) -> int:
    """Say what a problem code means and what to do."""
    known = explanations()
    options.code = options.code.upper()
    if options.code not in known:
        print(f"no problem has the code {options.code}; there are {', '.join(sorted(known))}", file=sys.stderr)
        return 2
    print(f"{options.code}: {known[options.code]}")
    return 0


def new(options: argparse.Namespace) -> int:
    """Print the skeleton of a record, with what each field is, to be pasted into its file; or those of a chapter's files."""
    if options.kind != CHAPTER:
        print(skeleton(options.kind, options.id), end="")
        return 0
    catalog, problems = load(options.root)
    topics = {f"{topic.part}/{topic.id}": topic.title for topic in catalog.vocabulary.topics} if catalog else {}
    if options.id not in topics:
        print(f"no topic of docs/data/vocabulary.yaml is {options.id or 'named'}; write PART/SLUG", file=sys.stderr)
        return _report(problems) or 2
    print(chapter(options.id, topics[options.id]), end="")
    return 0


def grade_file(options: argparse.Namespace) -> int:
    """Run a file against the properties of an exercise in code, in a child process with limits (no security boundary)."""
    try:
        found = grade(options.root, options.exercise, options.file)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if found.printed.strip() and not found.passed:
        print(found.printed[-2000:].rstrip())
    print(found)
    print(NOT_SAFE, file=sys.stderr)
    return 0 if found.passed else 1


def paper(options: argparse.Namespace) -> int:
    """Typeset the LaTeX that Sphinx wrote, and cut a PDF of each chapter out of it."""
    catalog, broken = load(options.root)
    if catalog is None:
        return _report(broken)
    try:
        pdf = typeset(options.latex)
        log = pdf.with_suffix(".log").read_text("utf-8", "replace")
        found = list(lost(log, pdf.with_suffix(".tex").as_posix()))
        parts = cut(pdf, options.target / "chapters", catalog.book.author[0].short)
    except PaperError as error:
        print(error, file=sys.stderr)
        return 1
    whole = options.target / options.name
    shutil.copyfile(pdf, whole.with_suffix(".new"))
    whole.with_suffix(".new").replace(whole)
    print(f"{whole}: {pages_of(whole)} pages, {whole.stat().st_size / 1e6:.1f} MB, {len(parts)} chapters beside it;", end=" ")
    print(f"{count_wide(log)} lines stick out, none by more than {MOST_POINTS:.0f} points" if not found else "with problems")
    return _report(found)


def offline(options: argparse.Namespace) -> int:
    """Pack the built HTML into one zip that is read from any folder."""
    number = pack(options.html, options.target, options.target.stem)
    print(f"{options.target}: {number} files, {options.target.stat().st_size / 1e6:.1f} MB")
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m tools", description="The press of the book.")
    top.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    verbs = top.add_subparsers(required=True, metavar="VERB")

    def verb(run: Callable[[argparse.Namespace], int], name: str = "") -> argparse.ArgumentParser:
        made = verbs.add_parser(name or run.__name__, help=run.__doc__, description=run.__doc__)
        made.set_defaults(run=run)
        return made

    verb(build).add_argument("--check", action="store_true", help="write nothing; exit 1 and name what is stale")
    verb(check).add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(CHECKS)}; all when none is named")
    verb(explain).add_argument("code", metavar="CODE")
    made = verb(new)
    made.add_argument("kind", choices=sorted([*KINDS, CHAPTER]))
    made.add_argument("id", nargs="?", default="", help="id of the record, or PART/SLUG of the chapter")
    made = verb(grade_file, "grade")
    made.add_argument("exercise", metavar="CHAPTER/NAME")
    made.add_argument("file", type=Path, metavar="FILE")
    made = verb(paper)
    made.add_argument("latex", type=Path, help="folder that Sphinx wrote")
    made.add_argument("target", type=Path, help="folder for the PDFs")
    made.add_argument("name", help="file name of the whole book")
    made = verb(offline)
    made.add_argument("html", type=Path, help="folder that Sphinx wrote")
    made.add_argument("target", type=Path, help="the zip")
    return top


def main(arguments: list[str] | None = None) -> int:
    """Run a command; its exit status: 0, 1 for problems, 2 for a wrong command line."""
    options = parser().parse_args(arguments)
    status: int = options.run(options)
    return status
