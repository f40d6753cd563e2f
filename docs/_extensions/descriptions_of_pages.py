"""Each page tells search engines, and those who share its link, what it is: ``description`` and ``og:`` tags."""

from __future__ import annotations

from html import escape

from docutils import nodes

#: What search engines show; more is cut anyway.
_LENGTH = 200


def description(document: nodes.document) -> str:
    """First paragraph of a page that is more than a line of links, cut after a word."""
    for paragraph in document.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if len(text) > 40 and not isinstance(paragraph.parent, nodes.entry | nodes.list_item):
            return text if len(text) <= _LENGTH else text[:_LENGTH].rsplit(" ", 1)[0] + " …"
    return ""


def tags(title: str, text: str, site: str, address: str, picture: str) -> str:
    """Return the tags; those that hold an address only where that of the site is known."""
    named = {
        "og:title": title,
        "og:type": "website",
        "og:site_name": site,
        "og:description": text,
    }
    if address:
        named |= {"og:url": address, "og:image": picture}
    found = "".join(
        f'<meta property="{name}" content="{escape(value)}" />\n'
        for name, value in named.items()
        if value
    )
    return found + (f'<meta name="description" content="{escape(text)}" />\n' if text else "")


def _add_tags(app, pagename: str, templatename: str, context: dict, doctree) -> None:
    if doctree is None:  # the index, the search: nothing to describe
        return
    base = app.config.html_baseurl
    title = app.env.titles[pagename].astext()
    address = base + pagename + ".html" if base else ""
    picture = base + app.config.picture_of_pages
    context["metatags"] += tags(
        title, description(doctree), app.config.project, address, picture
    )


def setup(app) -> dict:
    """Called by Sphinx."""
    app.add_config_value("picture_of_pages", "", "html")
    app.connect("html-page-context", _add_tags)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
