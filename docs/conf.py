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
from sklearn.experimental import enable_halving_search_cv  # noqa: E402, F401 - else its names raise an error
from sknn_tune._documentation import address_of_documentation  # noqa: E402

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
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
    "descriptions_of_pages",
    "docstrings_of_scikit_learn",
    "guides_of_names",
    "math_without_scripts",
    "names_lead_to_reference",
    "names_of_scikit_learn",
    "only_local_files",
    "pictures_of_code",
    "rooms_of_reference",
    "texts_of_search",
    "versions_beside",
]
exclude_patterns = ["_build", "_drawings", "_extensions", "auto_examples/**/*.ipynb"]
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
# Names of other projects, whose inventories would have to be downloaded (scikit-learn's is made here); and attributes
# in plain backticks.
nitpick_ignore_regex = [("py:.*", r"(?!sknn_tune\b).*")]

# Examples: executed by the build. They may write files, so they get a folder of their own, with one folder a theme.
THEMES = {
    "First steps": (1, 2, 3),
    "How a network learns": (4, 5, 6, 7, 8, 9, 10),
    "What can go wrong": (11, 12, 13),
    "Searches": (14, 15, 16),
    "Other data, other targets": (17, 18, 19, 20, 21, 26),
    "Your own code, large tables, other tools": (),  # all further ones
}
FOLDERS = {
    theme: f"{number}_{re.sub(r'[^a-z]+', '_', theme.lower())}"
    for number, theme in enumerate(THEMES, 1)
}


def _folder_of(example: str) -> str:
    """Folder of an example's theme, by the number in its name."""
    number = int(example.split("_")[1])
    return FOLDERS[
        next((theme for theme, parts in THEMES.items() if number in parts), [*THEMES][-1])
    ]


EXAMPLES = HERE / "_build" / "examples"
shutil.rmtree(EXAMPLES, ignore_errors=True)
for theme, folder in FOLDERS.items():
    (EXAMPLES / folder).mkdir(parents=True)
    (EXAMPLES / folder / "GALLERY_HEADER.rst").write_text(f"{theme}\n{'-' * len(theme)}\n")
shutil.copy2(HERE.parent / "examples" / "GALLERY_HEADER.rst", EXAMPLES)
for file in (HERE.parent / "examples").glob("plot_*.py"):
    text = re.sub(
        r"(sphx_glr_auto_examples_)(plot_\w+)",
        lambda found: f"{found[1]}{_folder_of(found[2])}_{found[2]}",
        file.read_text(encoding="utf-8"),
    )
    (EXAMPLES / _folder_of(file.stem) / file.name).write_text(text, encoding="utf-8")
sphinx_gallery_conf = {
    "examples_dirs": "_build/examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"plot_",
    "within_subsection_order": "FileNameSortKey",
    "backreferences_dir": "auto_examples/backreferences",
    "doc_module": ("sknn_tune",),
    "download_all_examples": False,
    "show_signature": False,
    "remove_config_comments": True,
    "write_computation_times": False,
    "thumbnail_size": (520, 360),
    # How long an example took tells how busy the machine was that built the pages.
    "min_reported_time": float("inf"),
}

html_math_renderer = "mathml"

# Look: the theme of scikit-learn's own pages.
html_theme = "pydata_sphinx_theme"
html_title = "sknn_tune"
html_baseurl = address_of_documentation()
picture_of_pages = "_static/search-light.png"
html_favicon = "_static/favicon.svg"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_js_files = ["search-surroundings.js"]
html_show_sourcelink = False
html_copy_source = False
html_show_search_summary = (
    False  # texts_of_search has its own, for pages that are opened as files too
)
html_sidebars = {
    "index": [],
    "api": ["rooms.html"],
    "generated/**": ["rooms.html"],
}
html_theme_options = {
    "logo": {
        "image_light": "_static/logo-light.svg",
        "image_dark": "_static/logo-dark.svg",
        "text": "sknn_tune",
    },
    "navbar_start": ["navbar-logo", "version"],
    "navbar_persistent": ["search-button"],
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "navigation_with_keys": False,
    "header_links_before_dropdown": 8,
}
copybutton_prompt_text = ">>> |\\.\\.\\. |\\$ "
copybutton_prompt_is_regexp = True
copybutton_selector = (
    "div.highlight-python pre, div.highlight-Python pre, div.highlight-py pre, div.highlight-sh pre, "
    "div.doctest pre"
)


def _link_to_pages(app, docname: str, source: list[str]) -> None:
    """Pages link to files of the checkout, so that they can be read there; here, to the pages made of them."""
    up = "../" * docname.count("/")
    source[0] = re.sub(
        r"\]\((?:\.\./)+examples/(plot_\w+)\.py\)",
        lambda found: f"]({up}auto_examples/{_folder_of(found[1])}/{found[1]}.rst)",
        source[0],
    )
    source[0] = re.sub(r"\]\((?:\.\./)+CHANGELOG\.md\)", rf"]({up}changelog.md)", source[0])
    if docname == "changelog":
        changes = (HERE.parent / "CHANGELOG.md").read_text(encoding="utf-8")
        source[0] = re.sub(
            r"\]\(examples/(plot_\w+)\.py\)",
            lambda found: f"](auto_examples/{_folder_of(found[1])}/{found[1]}.rst)",
            changes,
        ).replace("](docs/", "](")


def setup(app) -> None:
    """Called by Sphinx."""
    app.connect("source-read", _link_to_pages)
