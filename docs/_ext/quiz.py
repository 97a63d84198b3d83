"""`{quiz} CHAPTER`: the questions of `docs/data/quizzes/CHAPTER.yaml`, as forms that need no script.

Each question is a field set with its options; the answer is folded under it and explains every option. On paper and as text
the questions stand in full, each with its answer.
"""

from pathlib import Path

import labcode
from docutils import nodes
from folded import element, fold
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from tools.source import read

LETTERS = "ABCDEFGH"


class question(nodes.General, nodes.Element):  # docutils names nodes in lower case
    """A field set."""


class asked(nodes.General, nodes.TextElement):
    """What is asked."""


class choice(nodes.Inline, nodes.TextElement):
    """An option that can be ticked (`kind` single or multiple) or a number to type (numeric)."""


class Quiz(SphinxDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        path = Path(self.env.srcdir) / "data" / "quizzes" / f"{name}.yaml"
        if not path.is_file():
            raise self.error(f"there is no data/quizzes/{name}.yaml")
        labcode.depend(self.env, [path])
        document, problems = read(path, f"docs/data/quizzes/{name}.yaml")
        if document is None:
            raise self.error("; ".join(map(str, problems)))
        try:
            return [self.question(name, number, one) for number, one in enumerate(document.value, 1)]
        except (KeyError, TypeError, AttributeError) as error:
            raise self.error(
                f"data/quizzes/{name}.yaml: {type(error).__name__} {error}; python -m tools check says where"
            ) from error

    def text(self, text: str) -> list[nodes.Node]:
        """Text with inline markup."""
        found, messages = self.parse_inline(text)
        return [*found, *messages]

    def question(self, chapter: str, number: int, one: dict) -> question:
        """One question with its answer."""
        name = f"quiz-{chapter}-{one['id']}"
        node = question(ids=[name], classes=["quiz"])
        self.set_source_info(node)
        hint = {"multiple": " (Several may be right.)", "numeric": " (A number.)"}.get(one["kind"], "")
        node += asked(
            "", "", nodes.strong("", f"Question {number}."), nodes.Text(" "), *self.text(one["question"]), nodes.Text(hint)
        )
        if one["kind"] == "numeric":
            node += nodes.paragraph("", "", choice("", "Your answer: ", kind="numeric", name=name), classes=["number"])
            node += fold("Answer", *self.number(one), kind="answer")
            return node
        options = nodes.enumerated_list(enumtype="upperalpha", prefix="", suffix=".", classes=["options"])
        for letter, option in zip(LETTERS, one["options"], strict=False):
            options += nodes.list_item(
                "",
                nodes.paragraph("", "", choice("", "", *self.text(option["text"]), kind=one["kind"], name=name, letter=letter)),
            )
        node += options
        node += fold("Answer", self.answers(one["options"]), kind="answer")
        return node

    def answers(self, options: list[dict]) -> nodes.bullet_list:
        """What is to be said of each option."""
        listing = nodes.bullet_list()
        for letter, option in zip(LETTERS, options, strict=False):
            right = option.get("right") == "true"
            verdict = "right" if right else f"wrong ({option['misconception']})"
            lead = nodes.strong("", f"{letter}, {verdict}.")
            listing += nodes.list_item("", nodes.paragraph("", "", lead, nodes.Text(" "), *self.text(option["why"])))
        return listing

    def number(self, one: dict) -> list[nodes.Node]:
        """The number asked for, and what wrong numbers come from."""
        lead = nodes.strong("", f"{one['answer'].replace('-', chr(0x2212))}.")
        first = nodes.paragraph("", "", lead, nodes.Text(" "), *self.text(one["why"]))
        listing = nodes.bullet_list()
        for mistake in one.get("mistakes", ()):
            said = nodes.strong("", f"{mistake['value'].replace('-', chr(0x2212))}: wrong ({mistake['misconception']}).")
            listing += nodes.list_item("", nodes.paragraph("", "", said, nodes.Text(" "), *self.text(mistake["why"])))
        return [first, listing] if listing.children else [first]


def visit_choice(self, node: choice) -> None:
    if self.builder.name == "epub":  # it has no forms
        if node["kind"] == "numeric":
            raise nodes.SkipNode
        self.context.append("")
        return
    kind = {"single": "radio", "multiple": "checkbox", "numeric": "text"}[node["kind"]]
    box = self.emptytag(node, "input", "", type=kind, name=node["name"], **({"inputmode": "decimal"} if kind == "text" else {}))
    spoken = f'<span class="visually-hidden">{node.get("letter")}: </span>'  # the list's marker is no part of the label
    self.body.append("<label>" + ("" if kind == "text" else f"{box.strip()} {spoken}"))
    self.context.append(f"{box.strip()}</label>" if kind == "text" else "</label>")


def depart_choice(self, node: choice) -> None:
    self.body.append(self.context.pop())


def _pass(self, node: nodes.Element) -> None:
    pass


def _skip_number(self, node: choice) -> None:
    if node["kind"] == "numeric":
        raise nodes.SkipNode


def _paragraph(name: str):
    return lambda self, node: getattr(self, f"{name}_paragraph")(node)


def setup(app: Sphinx) -> dict[str, object]:
    app.setup_extension("folded")
    app.setup_extension("labcode")
    app.add_directive("quiz", Quiz)
    app.add_node(question, html=element("fieldset", "div"), latex=(_pass, _pass), text=(_pass, _pass))
    paragraph = (_paragraph("visit"), _paragraph("depart"))
    app.add_node(asked, html=element("legend", "p"), latex=paragraph, text=paragraph)
    app.add_node(choice, html=(visit_choice, depart_choice), latex=(_skip_number, _pass), text=(_skip_number, _pass))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
