# make book builds the book, make test runs the tests; whichever comes first makes .venv.

# Python 3.11 or 3.12.
PYTHON ?= python3
VENV ?= .venv
# tested: the versions of constraints.txt. own: the torch and torchvision that .venv or the system already has.
TORCH ?= tested
# For example -W -n --keep-going: warnings are errors.
BOOK_OPTIONS ?=
# The browser that makes a PDF of the book as one page.
CHROMIUM ?= $(firstword $(foreach name,chromium chromium-browser google-chrome,$(shell command -v $(name) 2>/dev/null)))

BIN = $(VENV)/bin
INSTALLED = $(VENV)/installed
PINS = $(VENV)/constraints.txt

.PHONY: help book print test lint notebooks bench clean here

help:
	@echo "make book        build the book: _build/html/index.html"
	@echo "make print       the same as one page: _build/singlehtml/index.html; with chromium also _build/book.pdf"
	@echo "make test        run the tests; they build the book at smoke scale too"
	@echo "make lint        check style, formatting, and that each .ipynb agrees with its .py"
	@echo "make notebooks   regenerate each .ipynb from the .py beside it"
	@echo "make bench       time the fast trainers beside the plain loops"
	@echo "make clean       remove what a build made; keeps $(VENV), results/ and the packs in runs/"

book: here $(INSTALLED)
	$(BIN)/jupyter-book build $(BOOK_OPTIONS) book/
	@echo "The book is built: open $(CURDIR)/_build/html/index.html"

print: here $(INSTALLED)
	$(BIN)/jupyter-book build $(BOOK_OPTIONS) --builder singlehtml book/
	@echo "One page with everything: $(CURDIR)/_build/singlehtml/index.html"
	@if [ -n "$(CHROMIUM)" ]; then \
	  "$(CHROMIUM)" --headless --no-sandbox --disable-gpu --no-pdf-header-footer --virtual-time-budget=60000 \
	    --print-to-pdf="$(CURDIR)/_build/book.pdf" "file://$(CURDIR)/_build/singlehtml/index.html" 2>/dev/null && \
	  echo "As one file: $(CURDIR)/_build/book.pdf"; \
	else echo "For a PDF, print that page in a browser, or install chromium and say make print again."; fi

test: here $(INSTALLED)
	$(BIN)/python -m pytest

lint: here $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m softlabels.book.pairing --check

notebooks: here $(INSTALLED)
	$(BIN)/python -m softlabels.book.pairing

bench: here $(INSTALLED)
	$(BIN)/softlabels bench

clean:
	rm -rf _build .cache book/notebooks runs/live .pytest_cache .ruff_cache .hypothesis

# An environment knows the folder that it was made in: moved or copied along, it would run that folder's code, or nothing.
here:
	@of="$$(cat $(INSTALLED) 2>/dev/null)"; test -z "$$of" -o "$$of" = "$(CURDIR)" || { \
	  echo "$(VENV) was made in $$of, and this is $(CURDIR): the folder was moved or copied. Delete $(VENV), and make again."; \
	  exit 1; }

# An existing virtual environment is kept and added to, so that a smaller torch can be installed into it beforehand.
$(INSTALLED): pyproject.toml constraints.txt
	@command -v "$(PYTHON)" >/dev/null || \
	  { echo "$(PYTHON) is not on this machine; softlabels needs Python 3.11 or 3.12. Try: make PYTHON=python3.12"; exit 1; }
	@"$(PYTHON)" -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 12) else \
	  "softlabels needs Python 3.11 or 3.12, but $(PYTHON) is %d.%d. Try: make PYTHON=python3.12" % v)'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || \
	  "$(PYTHON)" -m venv $(if $(filter own,$(TORCH)),--system-site-packages) "$(VENV)"
	@grep -v -E '$(if $(filter own,$(TORCH)),^torch(vision)?==,^$$)' constraints.txt > $(PINS)
	$(BIN)/python -m pip install -c $(PINS) -e ".[book,test]"
	@echo "$(CURDIR)" > $@
