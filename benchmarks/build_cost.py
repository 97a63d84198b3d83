"""What `python -m tools build` costs in CPU seconds: on the real data, and with up to 10,000 made-up papers beside them.

It reports and judges nothing. Each number is the best of three runs, each into a fresh copy of the repository.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
SIZES = (2_500, 5_000, 10_000)
RUNS = 3

PAPER = """\
- id: {family_lower}2020measuring
  type: paper-conference
  title: 'Measuring the Cost of a Build: Record {number} of a Made-Up Catalogue'
  author:
  - {{family: {family}, given: Ada B.}}
  - {{family: Łukasiewicz, given: Jürgen}}
  - {{family: Third, given: Author C.}}
  issued: 2020
  container-title: {venue}
  note: A record made to be measured, with a sentence of the usual length that says what the paper did.
  custom:
    arxiv: '2001.{arxiv}'
    primaryclass: cs.LG
    topics: [{topic}]
    sources: ['owner/first:papers.md', 'owner/second:README.md']
    venue-sources: ['owner/first:papers.md', 'owner/third:list.bib']
    checked: 2026-11-22
"""


def family(number: int) -> str:
    """A name that no other number has: letters only, because a key's letters come from it."""
    letters = ""
    for _ in range(4):
        number, rest = divmod(number, 26)
        letters = chr(ord("a") + rest) + letters
    return "Zz" + letters


def copy(target: Path) -> None:
    """The repository's data and pages, without what was built from them."""
    shutil.copytree(ROOT / "docs", target / "docs", ignore=shutil.ignore_patterns("_generated", "__pycache__"))
    for path in ROOT.glob("*.md"):
        shutil.copy(path, target)


def add_papers(root: Path, count: int) -> None:
    """Append made-up papers, evenly over the topics."""
    words = yaml.load((root / "docs/data/vocabulary.yaml").read_text("utf-8"), yaml.BaseLoader)
    venue = next(item["title"] for item in words["venues"] if item["type"] == "paper-conference")
    files = sorted((root / "docs/data/papers").glob("*.yaml"))
    texts = {path: [path.read_text("utf-8")] for path in files}
    for number in range(count):
        path = files[number % len(files)]
        name = family(number)
        texts[path].append(
            PAPER.format(
                family=name,
                family_lower=name.lower(),
                number=number,
                arxiv=50_000 + number,  # no month has so many
                topic=path.stem,
                venue=venue,
            )
        )
    for path, parts in texts.items():
        path.write_text("".join(parts), "utf-8")


def cpu_seconds(arguments: list[str]) -> float:
    """User and system time of one run of the press."""
    before = os.times()
    done = subprocess.run([sys.executable, "-m", "tools", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    after = os.times()
    if done.returncode:
        sys.exit(f"python -m tools {' '.join(arguments)} failed:\n{done.stdout[:2000]}{done.stderr[:2000]}")
    return after.children_user + after.children_system - before.children_user - before.children_system


def build(count: int) -> float:
    """Best of RUNS builds of a copy with `count` made-up papers."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        copy(root)
        add_papers(root, count)
        best = float("inf")
        for _ in range(RUNS):
            shutil.rmtree(root / "docs/_generated", ignore_errors=True)
            (root / "references.bib").unlink(missing_ok=True)
            best = min(best, cpu_seconds(["--root", folder, "build"]))
        return best


def main() -> None:
    """Print the table."""
    start = min(cpu_seconds(["--help"]) for _ in range(RUNS))
    real = build(0)
    papers = sum(path.read_text("utf-8").count("\n- id: ") + 1 for path in (ROOT / "docs/data/papers").glob("*.yaml"))
    print(f"start-up                {start:6.2f} CPU s")
    print(f"real data ({papers:,} papers) {real:6.2f} CPU s")
    for count in SIZES:
        seconds = build(count)
        each = (seconds - real) / count * 1e6
        print(f"{count:6,} papers more     {seconds:6.2f} CPU s, {each:4.0f} µs each")
    print("The cost is linear if the last column stays the same.")


if __name__ == "__main__":
    main()
