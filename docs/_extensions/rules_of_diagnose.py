"""The rules by which `diagnose` judges, on a page, word for word as they stand in the code."""

from __future__ import annotations

from sphinx.util.docutils import SphinxDirective

from sknn_tune.inspection._rules import RULES, rule_texts


class RulesOfDiagnose(SphinxDirective):
    """All rules in the order in which they are judged: name, what it is about, when it holds."""

    def run(self) -> list:
        """Called by Sphinx. The page is in Markdown, and so is what is parsed here."""
        entries = []
        for rule in RULES:
            about, condition = rule_texts(rule)
            entries.append(f"`{rule.__name__}`\n: *{about}* {condition}\n")
        return self.parse_text_to_nodes("\n".join(entries))


def setup(app) -> dict:
    """Called by Sphinx."""
    app.add_directive("rules-of-diagnose", RulesOfDiagnose)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
