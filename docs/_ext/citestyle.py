"""How a work reads: "Schulman et al. 2017" in the text, and its entry in a list. Styles for sphinxcontrib-bibtex.

``{cite:p}`key` `` reads "(Schulman et al. 2017)", ``{cite:t}`key` `` "Schulman et al. (2017)". A locator stands in braces
after its key and a preface before it: ``{cite:p}`{see}key{Table 3}` `` reads "(see Schulman et al. 2017, Table 3)" and
``{cite:t}`key{Section 4.1}` `` "Schulman et al. (2017, Section 4.1)"; commas may stand in them, markup may not. Several
works in one role, ``{cite:p}`key{p. 3}, other` ``, come in the order of the bibliography.

Works that would read the same in the text become 2017a, 2017b, in the order of the bibliography: `Labels` alone decides
it, for the text and all lists. Settings: `bibtex_default_style` and `bibtex_reference_style` are both "book".
"""

import re
import unicodedata
from collections import Counter
from copy import deepcopy

import pybtex.plugin
import sphinxcontrib.bibtex.plugin
from docutils import nodes
from pybtex.database import Person
from pybtex.richtext import Text
from pybtex.style.formatting import plain
from pybtex.style.labels import BaseLabelStyle
from pybtex.style.names import lastfirst
from pybtex.style.sorting import author_year_title
from pybtex.style.template import FieldIsMissing, field, join, node, optional, sentence
from pybtex_docutils import Backend
from sphinxcontrib.bibtex.richtext import BaseReferenceText
from sphinxcontrib.bibtex.style.referencing import BaseReferenceStyle, BracketStyle

MOST_AUTHORS = 10  # a list names so many, then tells how many others there are


def people(entry) -> list[Person]:
    title = Person(last="{" + entry.fields.get("title", entry.key) + "}")
    return entry.persons.get("author") or entry.persons.get("editor") or [title]


def short_names(entry, full=False) -> str:
    persons = people(entry)
    few = persons if full or len(persons) < 3 else persons[:1]
    *first, last = [" ".join(map(str, [*who.rich_prelast_names, *who.rich_last_names])) for who in few]
    return last + " et al." * (few is not persons) if not first else f"{', '.join(first)} and {last}"


class Labels(BaseLabelStyle):
    def format_labels(self, sorted_entries):
        labels = [f"{short_names(entry)} {entry.fields.get('year', 'n.d.')}" for entry in sorted_entries]
        same, used = Counter(labels), Counter()
        for label in labels:
            first, last = divmod(used[label], 26)
            yield label + (chr(96 + first) * (first > 0) + chr(97 + last)) * (same[label] > 1)
            used[label] += 1


class Sorting(author_year_title.SortingStyle):
    """By author, year and title, as one looks for them: without regard to accents, capitals and punctuation."""

    def sorting_key(self, entry):
        who = "   ".join(self.person_key(person) for person in people(entry))
        parts = [who, entry.fields.get("year", ""), entry.fields.get("title", ""), entry.key]
        return [re.sub(r"[^\w ]", "", unicodedata.normalize("NFKD", part)).casefold() for part in parts]


@node
def authors(children, data, role):
    if role not in data["entry"].persons:
        raise FieldIsMissing(role, data["entry"])
    first, *others = data["entry"].persons[role]
    names = [lastfirst.NameStyle().format(first), *map(data["style"].format_name, others)]
    return join(sep=", ", last_sep=", and ", sep2=", and ")[names].format_data(data)


class Style(plain.Style):
    """Surname, First, and Second Author (2017a). Title in its own capitals. Venue. arXiv and DOI, or else the address."""

    default_label_style = Labels
    default_sorting_style = Sorting

    def format_entry(self, label, entry, bib_data=None):
        entry = deepcopy(entry)
        for name in {"title", "booktitle", "journal", "note"} & set(entry.fields):
            entry.fields[name] = re.sub(r"(?<!\\)%", r"\%", entry.fields[name])  # pybtex drops what follows a bare %
        if names := entry.persons.get("author"):
            entry.fields["shown"], entry.fields["year"] = label.rpartition(" ")[2], ""
            if len(names) > MOST_AUTHORS + 1:
                names[MOST_AUTHORS:] = [Person(last=f"{len(names) - MOST_AUTHORS} others")]
        return super().format_entry(label, entry, bib_data)

    def format_names(self, role, as_sentence=True):
        year = optional[" (", field("shown"), ")"]
        return sentence[join[authors(role), year]] if as_sentence else super().format_names(role, as_sentence)

    def format_title(self, e, which_field, as_sentence=True):
        return sentence[field(which_field)] if as_sentence else field(which_field)

    def format_web_refs(self, e):
        known = [optional[self.format_eprint(e)], optional[self.format_doi(e)]]
        return sentence[known if {"eprint", "doi"} & set(e.fields) else [optional[self.format_url(e)]]]


class PageReference(BaseReferenceText):
    """A link to the entry in the list of the citing page; `PageLists` gives it the id to come back to."""

    def render(self, backend):
        docname, key = self.info[0]
        known = {"internal": True, "refid": anchor(key), "citing": docname, "citekey": key}
        return [nodes.reference("", "", *super().render(backend), **known)]


@node
def in_text(children, data, role):
    who, _, year = data["formatted_entry"].label.rpartition(" ")
    who = short_names(data["entry"], full=True) if role.endswith("s") else who
    info = data["reference_info"]
    pre, post = info.pre_text and info.pre_text + " ", info.post_text and ", " + info.post_text
    if role == "empty":
        return Text()
    if role.strip("cs") == "t":
        shown, pre, post = f"{who} ({pre}{year}{post})", "", ""
    else:
        shown = who if "author" in role else year if "year" in role else f"{who} {year}"
    return Text(pre, PageReference((info.fromdocname, data["entry"].key), shown), post)


class ReferenceStyle(BaseReferenceStyle):
    def outer(self, role_name, children):
        bare = role_name.strip("cs") in {"t", "alp", "author", "year", "label", "empty"}
        brackets = BracketStyle(left="(", right=")", sep=", " if bare else "; ")
        return brackets.outer(children, brackets=not bare, capfirst=role_name.startswith("c"))

    def inner(self, role_name):
        return in_text(role_name)


def anchor(key: str) -> str:
    return "ref-" + nodes.make_id(key)


def list_item(citation, builder) -> nodes.list_item:
    paragraph = Backend().paragraph(citation.formatted_entry)
    if builder.format == "latex":  # it labels targets, not list items
        paragraph.insert(0, nodes.target("", "", ids=[anchor(citation.key)]))
    return nodes.list_item("", paragraph, ids=[anchor(citation.key)])


def setup(app):
    pybtex.plugin.register_plugin("pybtex.style.formatting", "book", Style, force=True)
    sphinxcontrib.bibtex.plugin.register_plugin("sphinxcontrib.bibtex.style.referencing", "book", ReferenceStyle, force=True)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
