"""What the built site needs besides pages: links that lead to the right file, and nothing fetched from elsewhere."""

import importlib.util
import re
import shutil
from pathlib import Path

MATHJAX = "mathjax/tex-chtml-full.js"
WIDE = ("notebooks/record/claims", "notebooks/record/cost")  # their tables take the place of the page's own contents


def mathjax_folder() -> Path | None:
    """MathJax as the package sphinx-mathjax-offline brings it; None where that is not installed."""
    found = importlib.util.find_spec("sphinx-mathjax-offline")
    return Path(found.origin).parent / "static" / "mathjax" if found else None


def use_local_mathjax(config) -> None:
    """Equations from the site's own copy; from the usual CDN where the package is missing."""
    if mathjax_folder():
        config.mathjax_path = MATHJAX


def copy_mathjax(site: Path) -> None:
    """MathJax's one script and its fonts into the site, 1.7 MB."""
    if source := mathjax_folder():
        target = site / "_static" / "mathjax"
        fonts = Path("output", "chtml", "fonts", "woff-v2")
        shutil.copytree(source / fonts, target / fonts, dirs_exist_ok=True)
        shutil.copyfile(source / "tex-chtml-full.js", site / "_static" / MATHJAX)


def copy_rows(site: Path, root: Path) -> None:
    """Every row that a figure shows as CSV below `rows/`: the committed ones, and those that this build computed."""
    rows = site / "rows"
    shutil.rmtree(rows, ignore_errors=True)
    for folder in (root / "results", root / ".cache" / "rows"):
        for table in folder.glob("*/[!.]*.csv*"):
            target = rows / table.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(table, target)


def join_links(page: Path) -> None:
    """In the book as one page, let links that are written as HTML lead to a chapter, a claim, or rows beside it."""
    text = page.read_text(encoding="utf-8")
    chapters = set(re.findall(r'id="document-([^"]+)"', text))

    def joined(found) -> str:
        for name in (found["name"], f"notebooks/{found['name']}"):
            if name in chapters:
                return f'href="{found["part"] or f"#document-{name}"}"'
        return found[0]

    text = re.sub(r'href="(?:\.\./)*(?P<name>[\w/]+)\.html(?:\?[^"#]*)?(?P<part>#[^"]*)?"', joined, text)
    page.write_text(re.sub(r'href="(?:\.\./)+rows/', 'href="rows/', text), encoding="utf-8")


def link_sources(app, pagename, templatename, context, doctree) -> None:
    """`html-page-context`, before the theme's buttons: "suggest edit" leads to what people write."""
    if pagename.startswith("notebooks/"):
        base = context["github_url"], context["github_user"], context["github_repo"], "edit", context["github_version"]
        # The theme insists that a template mentions file_name.
        context["edit_page_url_template"] = "/".join([*base, f"{pagename}.py"]) + "{# file_name #}"
        context["edit_page_provider_name"] = "GitHub"
        if pagename in WIDE:
            context["meta"] = (context.get("meta") or {}) | {"html_theme.sidebar_secondary.remove": "true"}
    else:
        context["doc_path"] = "book"


def show_colab(app, pagename, templatename, context, doctree) -> None:
    """`html-page-context`, after the theme's buttons: a visible "Open in Colab" instead of a menu with one entry."""
    buttons = context.get("header_buttons", [])
    for number, button in enumerate(buttons):
        if button.get("label") == "launch-buttons" and len(button["buttons"]) == 1:
            buttons[number] = {
                **button["buttons"][0],
                "text": "Open in Colab",
                "tooltip": "Run this page on a GPU and change a number",
                "label": "open-in-colab",
            }
