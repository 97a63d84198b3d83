"""`{exercises} CHAPTER`: the exercises of `docs/exercises/CHAPTER`, in the order of their file names.

Each becomes a section with the label `ex-CHAPTER-NAME`: its statement, then hint and solution, folded. On paper the solutions
stand in a section of their own behind the exercises, with page numbers both ways.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import labcode
from docutils import nodes
from folded import fold, folded, summary
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from tools.source import parse

FILE = re.compile(
    r"---\n(?P<front>.*?\n)---\n(?P<statement>.*?)^## Hint\n(?P<hint>.*?)^## Solution\n(?P<solution>.*)\Z", re.S | re.M
)


def label(chapter: str, name: str) -> str:
    """The label of an exercise: `01-` at the front of a file name is its place, not part of its name."""
    return f"ex-{chapter}-{re.sub(r'^[0-9]+-', '', name)}"


class Exercises(SphinxDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        chapter = self.arguments[0]
        folder = Path(self.env.srcdir) / "exercises" / chapter
        files = labcode.listing(self.env, folder, "*.md")
        if not files:
            raise self.error(f"there is no exercise in exercises/{chapter}")
        return [self.exercise(chapter, file, number) for number, file in enumerate(files, 1)]

    def exercise(self, chapter: str, file: Path, number: int) -> nodes.section:
        """One exercise."""
        text = file.read_text("utf-8")
        found = FILE.match(text)
        if not found:
            raise self.error(f"{file.name} needs front matter, a statement, ## Hint and ## Solution, in this order")
        front, problems = parse(found["front"].encode(), file.name)
        meta = front.value if front and isinstance(front.value, dict) else {}
        if problems or not {"title", "depth", "minutes"} <= meta.keys():
            raise self.error(f"{file.name}: front matter needs title, objective, depth and minutes")
        title = f"Exercise {number}: {meta['title']} ({meta['depth']}, {meta['minutes']} minutes)"
        name = label(chapter, file.stem)
        section = nodes.section("", nodes.title(title, title), names=[name], classes=["exercise"])
        self.set_source_info(section)
        self.state.document.note_explicit_target(section, section)
        parts = {part: self.part(file, text, found, part) for part in ("statement", "hint", "solution")}
        section += parts["statement"]
        if file.with_suffix(".py").exists():
            section += self.how_to_grade(chapter, file)
        section += fold("Hint", *parts["hint"], kind="hint")
        solution = fold("Solution", *parts["solution"], kind="solution")
        solution["exercise"], solution["label"] = f"Exercise {number}: {meta['title']}", name
        section += solution
        return section

    def part(self, file: Path, text: str, found: re.Match[str], name: str) -> list[nodes.Node]:
        """The nodes of a part of the file; warnings name the file and the line."""
        with self.inside(file) as holder:
            self.state._renderer.nested_render_text(found[name], text.count("\n", 0, found.start(name)))
        return list(holder.children)

    @contextmanager
    def inside(self, file: Path) -> Iterator[nodes.Element]:
        """What is parsed meanwhile stands in `file`; it is gathered in the element."""
        renderer, document, holder = self.state._renderer, self.state.document, nodes.Element()
        before = document["source"], renderer.reporter.source, renderer.reporter.get_source_and_line
        document["source"] = renderer.reporter.source = str(file)
        renderer.reporter.get_source_and_line = lambda line: (str(file), line)
        try:
            with renderer.current_node_context(holder):
                yield holder
        finally:
            document["source"], renderer.reporter.source, renderer.reporter.get_source_and_line = before

    def how_to_grade(self, chapter: str, file: Path) -> nodes.paragraph:
        """What to do with an exercise in code."""
        command = f"python -m tools grade {chapter}/{file.stem} FILE"
        start = f"docs/exercises/{chapter}/{file.stem}.py"
        texts = (
            "Copy ",
            nodes.literal(start, start),
            ", fill its holes, and let ",
            nodes.literal(command, command),
            " say which properties hold.",
        )
        return nodes.paragraph("", "", *(nodes.Text(one) if isinstance(one, str) else one for one in texts), classes=["grade"])


class SolutionsOnPaper(SphinxPostTransform):
    """On paper: the solutions behind the exercises."""

    default_priority = 400
    formats = ("latex",)

    def run(self, **options: object) -> None:
        places: dict[nodes.section, nodes.section] = {}
        for solution in [node for node in self.document.findall(folded) if "solution" in node["classes"]]:
            exercise = solution.parent
            around = exercise.parent
            if around not in places:
                places[around] = nodes.section("", nodes.title("", "Solutions"), ids=[f"{solution['label']}-solutions"])
                around.parent.insert(around.parent.index(around) + 1, places[around])
            mark = re.sub(r"\W", "-", solution["label"])
            there = nodes.raw("", rf"\par\noindent Solution: page~\pageref{{solution:{mark}}}.\par", format="latex")
            here = nodes.raw("", rf"\label{{solution:{mark}}}(page~\pageref{{exercise:{mark}}})\par", format="latex")
            exercise.replace(solution, there)
            exercise.insert(1, nodes.raw("", rf"\label{{exercise:{mark}}}", format="latex"))
            heading = nodes.rubric("", solution["exercise"])
            kept = [child for child in solution.children if not isinstance(child, summary)]
            places[around] += [heading, nodes.paragraph("", "", here), *kept]


def setup(app: Sphinx) -> dict[str, object]:
    app.setup_extension("folded")
    app.setup_extension("labcode")
    app.add_directive("exercises", Exercises)
    app.add_post_transform(SolutionsOnPaper)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
