"""The forms that a field can have, with what is said of a value that has another form."""

import re
import unicodedata
from typing import Annotated, Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator


def _hyphens(name: str) -> str:
    return {"url": "URL", "doi": "DOI", "isbn": "ISBN"}.get(name, name.replace("_", "-"))


class Record(BaseModel):
    """Unknown fields are errors; a field `container_title` is written `container-title`."""

    model_config = ConfigDict(alias_generator=_hyphens, extra="forbid", frozen=True, hide_input_in_errors=True)


def visible(text: str) -> str:
    """Text that a reader can see: no control, format (bidi, zero-width), private or unassigned characters; NFC."""
    for character in text:
        if " " <= character <= "~" or character == "\n":
            continue
        if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"):
            raise ValueError(f"has the invisible character U+{ord(character):04X}; remove it")
    if not unicodedata.is_normalized("NFC", text):
        raise ValueError("is not in Unicode normal form C; type the accented letters as single characters")
    if text != text.strip():
        raise ValueError("begins or ends with a space")
    return text


def plain(text: str) -> str:
    """Visible text on one line without markup: `$ { } \\ backquote` and HTML tags have no place in a title or name."""
    visible(text)
    if found := re.search(r"[$\\{}`\n]|<[A-Za-z/!]", text):
        raise ValueError(f"has {found.group()!r}; write plain Unicode text without TeX, HTML or Markdown")
    return text


def _real_date(text: str) -> str:
    year, month, day = (*map(int, text.split("-")), 1, 1)[:3]
    days = (31, 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    if not 1 <= month <= 12 or not 1 <= day <= days[month - 1]:
        raise ValueError("is not a day of the calendar")
    return text


def _check_digit(text: str) -> str:
    """ISBN-10: weights 10 to 1, sum divisible by 11; ISBN-13: weights 1 and 3, sum divisible by 10."""
    digits = [10 if digit in "Xx" else int(digit) for digit in text.replace("-", "")]
    if len(digits) == 10 and sum(n * d for n, d in zip(range(10, 0, -1), digits, strict=True)) % 11 == 0:
        return text
    if len(digits) == 13 and sum(d * (1, 3)[n % 2] for n, d in enumerate(digits)) % 10 == 0:
        return text
    raise ValueError("is not an ISBN: its digits do not add up")


def _web(text: str) -> str:
    if re.search(r"[^!-~]|[<>\"{}|\\^`]", text):
        raise ValueError("has a character that an address may not have; percent-encode it")
    return text


def form(pattern: str, what: str) -> AfterValidator:
    """Text that matches `pattern` as a whole, else the error "is not `what`"."""
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(f"is not {what}")
        return text

    return AfterValidator(check)


Text = Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(visible)]
Plain = Annotated[str, StringConstraints(min_length=1, max_length=600), AfterValidator(plain)]
Slug = Annotated[str, form(r"[a-z0-9]+(-[a-z0-9]+)*", "a slug (lower-case words joined by hyphens)")]
Key = Annotated[str, form(r"[a-z][a-z0-9]*[12][0-9]{3}[a-z0-9]+", "a citation key such as christiano2017deep")]
Date = Annotated[
    str, form(r"[12][0-9]{3}(-[0-9]{2}(-[0-9]{2})?)?", "a date such as 2017, 2017-06 or 2017-06-12"), AfterValidator(_real_date)
]
Arxiv = Annotated[
    str,
    form(r"[0-9]{2}(0[1-9]|1[0-2])\.[0-9]{4,5}|[a-z-]+(\.[A-Z]{2})?/[0-9]{7}", "an arXiv id such as 1706.03741, without version"),
]
Doi = Annotated[str, form(r"10\.[0-9]{4,9}/[!-Z^-z|~]+", "a DOI such as 10.1038/nature14236, without address")]
Url = Annotated[str, form(r"https?://[^\s/]+(/\S*)?", "an address that begins with https://"), AfterValidator(_web)]
Isbn = Annotated[str, form(r"[0-9-]{9,16}[0-9Xx]", "an ISBN such as 978-0-262-03924-6"), AfterValidator(_check_digit)]
Repo = Annotated[str, form(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+", "a repository such as owner/name")]
Commit = Annotated[str, form(r"[0-9a-f]{12}", "the first 12 hexadecimal digits of a commit")]
Chapter = Annotated[str, form(r"[a-z0-9-]+/[a-z0-9-]+", "a chapter such as reward-learning/human-feedback")]


def _spdx(text: str) -> str:
    try:
        canonical = canonicalize_license_expression(text)
    except InvalidLicenseExpression:
        canonical = None
    if canonical != text:
        raise ValueError(f"is not an SPDX licence{f'; did you mean {canonical}' if canonical else ''}")
    return text


License = Annotated[str, AfterValidator(_spdx)]


class Name(Record):
    """A person (`family`, usually `given`) or a body (`literal`)."""

    family: Plain | None = None
    given: Plain | None = None
    suffix: Plain | None = None
    literal: Plain | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "Name":
        if (self.family is None) == (self.literal is None) or (self.literal and (self.given or self.suffix)):
            raise ValueError("needs a family name (with given name), or for a body a literal name alone")
        return self

    @property
    def short(self) -> str:
        """What a citation calls the author."""
        return self.family or self.literal or ""


def short_names(names: tuple[Name, ...]) -> str:
    """Authors as a citation names them: one, two with "and", more with "et al."."""
    if len(names) > 2:
        return f"{names[0].short} et al."
    return " and ".join(name.short for name in names)


SAID = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this record",
    "value_error": "{error}",
    "literal_error": "must be {expected}",
    "string_type": "must be text, not a list or map",
    "tuple_type": "must be a list",
    "model_type": "must be a map of fields",
    "dict_type": "must be a map of fields",
    "string_too_long": "has more than {max_length} characters",
    "string_too_short": "is empty",
    "too_short": "needs at least {min_length} item(s)",
    "too_long": "has more than {max_length} items",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "int_parsing": "must be a whole number",
    "float_parsing": "must be a number",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
}


def said(error: dict[str, Any]) -> str:
    """One of pydantic's errors in the book's words, the same for every version of it."""
    return SAID.get(error["type"], "has the wrong type").format(**error.get("ctx", {}))


def field_names(model: type[Record]) -> list[str]:
    """Field names as written in the files, of `model` and of its `custom`."""
    names = [str(info.alias or name) for name, info in model.model_fields.items()]
    custom = model.model_fields.get("custom")
    inner = custom.annotation if custom else None
    return names + (field_names(inner) if isinstance(inner, type) and issubclass(inner, Record) else [])
