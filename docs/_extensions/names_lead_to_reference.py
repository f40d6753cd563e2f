"""A public name of ours or of scikit-learn's in plain backticks leads to its page, without further markup."""

from __future__ import annotations

from docutils import nodes
from sphinx.ext.intersphinx import InventoryAdapter
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode


class NamesLeadToReference(SphinxPostTransform):
    """Turn ``KerasClassifier``, also with arguments, into a link. Names in headings and in links stay as they are."""

    default_priority = 400

    def run(self, **kwargs) -> None:
        """Called by Sphinx for each page."""
        ours, elsewhere = _public_names(self.env), _names_of_others(self.env)
        for literal in list(self.document.findall(nodes.literal)):
            name = literal.astext().split("(")[0]
            docname, target = ours.get(name, (self.env.docname, ""))
            if (name not in ours and name not in elsewhere) or _is_part_of_link_or_title(
                literal
            ):
                continue
            content = literal.deepcopy()
            if name not in ours:
                link = nodes.reference(
                    "",
                    "",
                    content,
                    refuri=elsewhere[name],
                    internal=False,
                    reftitle="scikit-learn",
                )
            elif docname != self.env.docname:
                link = make_refnode(
                    self.app.builder, self.env.docname, docname, target, content, target
                )
            else:
                continue
            literal.replace_self(link)


def _public_names(env) -> dict[str, tuple[str, str]]:
    """Short name -> page and target, of all classes and functions of the reference."""
    objects = env.get_domain("py").objects
    return {
        name.rsplit(".", 1)[-1]: (entry.docname, entry.node_id)
        for name, entry in objects.items()
        if entry.objtype in {"class", "function", "exception"} and not entry.aliased
    }


def _names_of_others(env) -> dict[str, str]:
    """Short name -> address, of all classes of scikit-learn; names of functions are too often common words."""
    classes = InventoryAdapter(env).named_inventory.get("sklearn", {}).get("py:class", {})
    return {name.rsplit(".", 1)[-1]: item.uri for name, item in classes.items()}


def _is_part_of_link_or_title(node: nodes.Node) -> bool:
    while node is not None:
        if isinstance(node, nodes.reference | nodes.title):
            return True
        node = node.parent
    return False


def setup(app) -> dict:
    """Called by Sphinx."""
    app.add_post_transform(NamesLeadToReference)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
