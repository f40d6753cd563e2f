"""How Sphinx builds the documentation: ``make -C docs html``. Nothing is loaded from elsewhere, then or later."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_extensions"))

# Read once, by the first import of TensorFlow and Matplotlib.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["MPLBACKEND"] = "Agg"

import sknn_tune  # noqa: E402

project = "sknn_tune"
author = "sknn_tune developers"
project_copyright = author
version = release = sknn_tune.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "sphinx_gallery.gen_gallery",
    "docstrings_of_scikit_learn",
    "math_without_scripts",
    "names_lead_to_reference",
    "only_local_files",
    "pictures_of_code",
]
exclude_patterns = ["_build", "_extensions", "auto_examples/*.ipynb"]
templates_path = ["_templates"]

# Pages: Markdown, which is readable without a build.
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
pages_with_pictures = ["tour", "guide/display"]

# Reference: what the docstrings say.
autosummary_generate = True
autodoc_typehints = "none"  # docstrings say more than annotations
numpydoc_show_class_members = False  # the templates list them
default_role = "obj"
toc_object_entries_show_parents = "hide"
nitpicky = True
# Names of other projects, whose inventories would have to be downloaded; and attributes in plain backticks.
nitpick_ignore_regex = [("py:.*", r"(?!sknn_tune\b).*")]

# Examples: executed by the build. They may write files, so they get a folder of their own.
EXAMPLES = HERE / "_build" / "examples"
shutil.rmtree(EXAMPLES, ignore_errors=True)
EXAMPLES.mkdir(parents=True)
for file in (
    *(HERE.parent / "examples").glob("plot_*.py"),
    HERE.parent / "examples" / "GALLERY_HEADER.rst",
):
    shutil.copy2(file, EXAMPLES)
sphinx_gallery_conf = {
    "examples_dirs": "_build/examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"plot_",
    "within_subsection_order": "FileNameSortKey",
    "backreferences_dir": "auto_examples/backreferences",
    "doc_module": ("sknn_tune",),
    "reference_url": {"sknn_tune": None},
    "download_all_examples": False,
    "show_signature": False,
    "remove_config_comments": True,
    "write_computation_times": False,
}

html_math_renderer = "mathml"

# Look: the theme of scikit-learn's own pages.
html_theme = "pydata_sphinx_theme"
html_title = "sknn_tune"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_show_sourcelink = False
html_copy_source = False
html_show_search_summary = False  # browsers do not let a page from a file read others
html_theme_options = {
    "navbar_persistent": [],
    "navbar_end": ["search-button", "theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "navigation_with_keys": False,
    "header_links_before_dropdown": 8,
}


def _link_to_pages(app, docname: str, source: list[str]) -> None:
    """Pages link to files of the checkout, so that they can be read there; here, to the pages made of them."""
    up = "../" * docname.count("/")
    source[0] = re.sub(
        r"\]\((?:\.\./)+examples/(plot_\w+)\.py\)", rf"]({up}auto_examples/\1.rst)", source[0]
    )
    source[0] = re.sub(r"\]\((?:\.\./)+CHANGELOG\.md\)", rf"]({up}changelog.md)", source[0])
    if docname == "changelog":
        changes = (HERE.parent / "CHANGELOG.md").read_text(encoding="utf-8")
        source[0] = re.sub(
            r"\]\(examples/(plot_\w+)\.py\)", r"](auto_examples/\1.rst)", changes
        ).replace("](docs/", "](")


def setup(app) -> None:
    """Called by Sphinx."""
    app.connect("source-read", _link_to_pages)
