"""The book's Sphinx extension: notebooks executed first, verdicts filled in, a site that needs nobody else.

config-inited   the table of contents at the root, stale notebooks through papermill, verdicts into chapters
source-read     the generated parts of the landing page and of the page of figures
html-…, end     links to sources, Colab; MathJax and rows copied into the site
"""

import re
from pathlib import Path

from softlabels.paths import FULL

BEFORE_TOC_IS_READ = 850  # sphinx-external-toc reads it at 900
BEFORE_THEME, AFTER_THEME = 400, 600  # the theme makes its buttons at 501


def root_of(app) -> Path:
    """The project's folder: the nearest one above the book's with a `_config.yml`."""
    for folder in Path(app.srcdir).resolve().parents:
        if (folder / "_config.yml").is_file():
            return folder
    raise SystemExit(f"no _config.yml above {app.srcdir}; build the book with: jupyter-book build book/")


def use_root_toc(app, config) -> None:
    """Read `_toc.yml` beside `_config.yml`; the one in book/ is there because jupyter-book insists on a file."""
    config.external_toc_path = str(root_of(app) / "_toc.yml")


def notebook_pages(root: Path) -> list[str]:
    """The notebooks of the table of contents, in its order: `memorized/two_dimensions`, …"""
    from sphinx_external_toc.parsing import parse_toc_yaml

    return [
        str(name).removeprefix("notebooks/")
        for name in parse_toc_yaml(root / "_toc.yml")
        if str(name).startswith("notebooks/")
    ]


def execute_notebooks(app, config) -> None:
    """Bring `book/notebooks/` up to date; the build ends here, with a report, if a notebook fails.

    A second build in the same folder waits, and then has nothing left to execute.
    """
    from filelock import FileLock, Timeout
    from sphinx.util import logging

    from softlabels.book.execute import jobs_allowed, update
    from softlabels.book.site import use_local_mathjax

    root = root_of(app)
    jobs = jobs_allowed(config.softlabels_jobs)
    say = logging.getLogger(__name__).info
    (root / ".cache").mkdir(exist_ok=True)
    lock = FileLock(root / ".cache" / "notebooks.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say("another build executes notebooks in this folder; this one waits for it")
        lock.acquire()
    try:
        update(notebook_pages(root), root, Path(app.srcdir), jobs=jobs, minutes=config.softlabels_minutes, say=say)
    finally:
        lock.release()
    use_local_mathjax(config)


def fill_index(app, docname: str, source: list[str]) -> None:
    """Replace a written page's markers, `<!-- rows: NAME -->`, by what the second stage made of the rows."""
    from softlabels.book.execute import index_file, index_parts

    if not docname.startswith("notebooks/") and "<!-- rows:" in source[0]:
        app.env.note_dependency(str(index_file(root_of(app))))
        parts = index_parts(root_of(app))["parts"]
        source[0] = re.sub(r"<!-- rows: (\w+) -->", lambda found: parts[found.group(1)], source[0])


def complete_site(app, exception) -> None:
    """Copy MathJax and the rows into a site that was built; one page for all has links of its own.

    Raises SystemExit where the disk is full, also for Sphinx, which would say so at the end of eighty lines.
    """
    from softlabels.book.site import copy_mathjax, copy_rows, join_links

    try:
        if exception is None and app.builder.format == "html":
            copy_mathjax(Path(app.outdir))
            copy_rows(Path(app.outdir), root_of(app))
            if app.builder.name == "singlehtml":
                join_links(Path(app.outdir) / "index.html")
    except OSError as error:
        if error.errno not in FULL:
            raise
        exception = error
    if isinstance(exception, OSError) and exception.errno in FULL:
        raise SystemExit(
            f"The disk is full, so the site in {app.outdir} is not whole. Executed notebooks are kept: free some room "
            "and build again."
        )


def setup(app) -> dict:
    from softlabels.book.site import link_sources, show_colab

    app.add_config_value("softlabels_jobs", 2, "")
    app.add_config_value("softlabels_minutes", 30.0, "", [int, float])
    app.connect("config-inited", use_root_toc, priority=BEFORE_TOC_IS_READ)
    app.connect("config-inited", execute_notebooks, priority=BEFORE_TOC_IS_READ + 10)
    app.connect("source-read", fill_index)
    app.connect("html-page-context", link_sources, priority=BEFORE_THEME)
    app.connect("html-page-context", show_colab, priority=AFTER_THEME)
    app.connect("build-finished", complete_site)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
