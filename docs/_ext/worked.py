"""{worked}`CHAPTER.name:+.2f`: a number that `labs/worked/CHAPTER.py` computes when the page is read.

The name is that of a function without arguments, which returns a number or several; `name[0]` takes one of several. What
follows the colon is a Python format; without it three digits that count are shown.
"""

import numbers
import re

import labcode
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

logger = logging.getLogger(__name__)
TEXT = re.compile(r"(?P<chapter>[a-z0-9-]+)\.(?P<name>\w+)(?:\[(?P<index>\d+)\])?(?::(?P<format>.+))?", re.S)
MINUS = "\N{MINUS SIGN}"


class WorkedError(ValueError):
    """A number that cannot be shown, and why."""


def show(value: object, format_: str | None) -> str:
    """A number, or several with commas, as the text shows it."""
    if isinstance(value, (list, tuple)) or (hasattr(value, "ndim") and value.ndim):
        return ", ".join(show(one, format_) for one in value)
    if not isinstance(value, numbers.Real):
        value = value.item() if hasattr(value, "item") else value
        if not isinstance(value, numbers.Real):
            raise WorkedError(f"is {type(value).__name__}, not a number")
    if isinstance(value, numbers.Integral) and not format_:
        text = str(int(value))
    elif format_:
        text = format(value, format_)
    else:
        text = format(value, ".3g") if not 1000 <= abs(value) < 1e6 else format(value, ".0f")
    return text.replace("-", MINUS)


def value(env: BuildEnvironment, text: str) -> str:
    """What `{worked}` shows for its text; raises WorkedError."""
    found = TEXT.fullmatch(text.strip())
    if not found:
        raise WorkedError("should read CHAPTER.name or CHAPTER.name:FORMAT")
    labs = labcode.labs(env)
    file = labs / "worked" / f"{found['chapter'].replace('-', '_')}.py"
    if not file.is_file():
        raise WorkedError(f"there is no labs/worked/{file.name}")
    labcode.depend(env, labcode.closure(file, labs))
    try:
        function = getattr(labcode.load(file, labs), found["name"], None)
        if not callable(function):
            raise WorkedError(f"labs/worked/{file.name} has no function {found['name']}")
        made = function()
        return show(made[int(found["index"])] if found["index"] else made, found["format"])
    except WorkedError:
        raise
    except Exception as error:
        raise WorkedError(f"{type(error).__name__}: {error}") from error


class Worked(SphinxRole):
    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        try:
            shown = value(self.env, self.text)
        except WorkedError as error:
            logger.warning("{worked}`%s`: %s", self.text, error, location=self.get_location(), type="worked")
            return [nodes.literal("", self.text)], []
        return [nodes.inline(self.rawtext, shown, classes=["worked"])], []


def setup(app: Sphinx) -> dict[str, object]:
    app.setup_extension("labcode")
    app.add_role("worked", Worked())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
