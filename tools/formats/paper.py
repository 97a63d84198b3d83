"""LaTeX that Sphinx wrote -> the PDF of the book, and a PDF of each chapter, cut out of it with its page numbers."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pypdf import PdfReader, PdfWriter
from pypdf.constants import PageLabelStyle
from pypdf.generic import Destination

from tools.problem import Problem

NAME = "book"
MOST_POINTS = 15.0  # that a line may stick out
LOST = re.compile(r"^Missing character: (.*)", re.M)
WIDE = re.compile(r"^Overfull \\hbox \(([\d.]+)pt too wide\)[^\n]*?(\d+)(?:--\d+)?$", re.M)
UNKNOWN = re.compile(r"^(?:LaTeX|Package hyperref) Warning: (Reference|Citation|Hyper reference) [`'](.+?)'", re.M)
CHAPTER = re.compile(
    r"^\\newlabel\{([^{}]+)::doc\}\{\{[^{}]*\}\{[^{}]*\}\{.*\}\{((?:chapter|appendix)\.\w+)\}\{[^{}]*\}\}$", re.M
)


class PaperError(Exception):
    """The PDF cannot be made; one clear line."""


@dataclass(frozen=True)
class Part:
    """A chapter in the PDF: its page's name, its title, first page and the page after its last (from 0)."""

    docname: str
    title: str
    first: int
    after: int


def typeset(folder: Path) -> Path:
    """Run LuaLaTeX in `folder` until all references are right; the PDF. Raises PaperError."""
    if not shutil.which("latexmk") or not shutil.which("lualatex"):
        raise PaperError("the PDF needs LuaLaTeX and latexmk: make system installs them on Debian")
    command = ["latexmk", "-lualatex", "-interaction=nonstopmode", "-halt-on-error", "-quiet", f"{NAME}.tex"]
    surroundings = os.environ | {"FORCE_SOURCE_DATE": "1"}  # with SOURCE_DATE_EPOCH: the same bytes for the same book
    done = subprocess.run(
        command,
        cwd=folder,
        env=surroundings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    log = folder / f"{NAME}.log"
    if done.returncode or not (folder / f"{NAME}.pdf").exists():
        said = log.read_text("utf-8", "replace") if log.exists() else done.stdout + done.stderr
        found = re.search(r"^! .*?(?=\n\n|\Z)", said, re.M | re.S)
        raise PaperError(f"LuaLaTeX stopped: {found[0] if found else said[-1500:]}")
    return folder / f"{NAME}.pdf"


def problems(log: str, path: str) -> Iterator[Problem]:
    """What a reader of the PDF would miss, from LuaLaTeX's last run.

    PDF001: A letter is in none of the fonts and would be missing on paper; add a fallback font in docs/conf.py.
    PDF002: A line or a table sticks out by more than 15 points; let it break, or make it smaller.
    PDF003: A link on paper leads nowhere; the label that it names is not in the book.
    """
    for lost in sorted(set(LOST.findall(log))):
        yield Problem(path, 0, "PDF001", f"missing letter: {lost}")
    for width, line in sorted(set(WIDE.findall(log))):
        if float(width) > MOST_POINTS:
            yield Problem(path, int(line), "PDF002", f"sticks out by {float(width):.0f} points")
    for kind, name in sorted(set(UNKNOWN.findall(log))):
        yield Problem(path, 0, "PDF003", f"{kind.lower()} to {name}, which is not there")


def pages_of(pdf: Path) -> int:
    """Its number of pages."""
    return len(PdfReader(pdf).pages)


def count_wide(log: str) -> int:
    """Lines that stick out at all."""
    return len(set(WIDE.findall(log)))


def chapters(reader: PdfReader, labels: str) -> list[Part]:
    """Where each chapter stands: LaTeX's file of labels names its page of the book and its place in the PDF."""
    places = reader.named_destinations
    starts = {docname: reader.get_destination_page_number(places[place]) for docname, place in CHAPTER.findall(labels)}
    tops = [(mark.title, reader.get_destination_page_number(mark)) for mark in _bookmarks(reader.outline, 2)]
    pages = sorted({page for _, page in tops if page is not None})
    found = []
    for docname, page in starts.items():
        if page is None:
            raise PaperError(f"the PDF has no page for {docname}")
        title = [str(title) for title, start in tops if start == page and title][-1]
        found.append(Part(docname, title, page, next((one for one in pages if one > page), len(reader.pages))))
    return found


def _bookmarks(outline: Sequence[object], depth: int) -> Iterator[Destination]:
    for one in outline:
        if isinstance(one, Destination):
            yield one
        elif isinstance(one, list) and depth > 1:
            yield from _bookmarks(one, depth - 1)


def cut(pdf: Path, folder: Path, author: str) -> list[Part]:
    """Write a PDF for each chapter into `folder`, its bookmarks and page numbers kept; what was cut."""
    reader = PdfReader(pdf)
    parts = chapters(reader, pdf.with_suffix(".aux").read_text("utf-8", "replace"))
    folder.mkdir(parents=True, exist_ok=True)
    labels = reader.page_labels
    tops = {mark.title for mark in _bookmarks(reader.outline, 1)}
    marks = [
        (one.title, reader.get_destination_page_number(one)) for one in _bookmarks(reader.outline, 3) if one.title not in tops
    ]
    for part in parts:
        writer = PdfWriter()
        writer.append(reader, pages=(part.first, part.after), import_outline=False)
        top = writer.add_outline_item(title=part.title, page_number=0)
        for title, page in marks:
            if page is not None and part.first <= page < part.after and title != part.title:
                writer.add_outline_item(title=str(title), page_number=page - part.first, parent=top)
        writer.add_metadata({"/Title": part.title, "/Author": author})
        first = labels[part.first]
        if first.isdigit():
            writer.set_page_label(0, part.after - part.first - 1, PageLabelStyle.DECIMAL, start=int(first))
        target = folder / f"{part.docname.replace('/', '-')}.pdf"
        with open(target.with_suffix(".new"), "wb") as file:
            writer.write(file)
        target.with_suffix(".new").replace(target)
    return parts
