# make book builds the book, make test runs the tests; whichever comes first makes .venv.

# Python 3.11 to 3.14: the first of these that fits.
FITS = import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
PYTHONS = python3 python3.13 python3.12 python3.11 python3.14
PYTHON ?= $(firstword $(foreach name,$(PYTHONS),$(shell $(name) -c '$(FITS)' 2>/dev/null && echo $(name))))
VENV ?= .venv
# tested: the versions of constraints.txt. cpu: the same without CUDA, much smaller. own: the torch and torchvision
# that .venv or the system already has (older ones name a version of sympy).
TORCH ?= tested
SYSTEM = $(if $(filter own,$(TORCH)),--system-site-packages)
CPU_INDEX ?= https://download.pytorch.org/whl/cpu
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
	@echo "make test        run the tests in several processes; they build the book at smoke scale too"
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
	  echo "As one file: $(CURDIR)/_build/book.pdf" || \
	  echo "chromium could not write the PDF; print that page in a browser."; \
	else echo "For a PDF, print that page in a browser, or install chromium and say make print again."; fi

test: here $(INSTALLED)
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

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
	@case "$(TORCH)" in tested|cpu|own) ;; *) echo "There is no TORCH=$(TORCH); choose tested, cpu or own."; exit 1;; esac
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || \
	if [ -n "$(PYTHON)" ]; then \
	  "$(PYTHON)" -c '$(FITS)' 2>/dev/null || { \
	    echo "softlabels needs Python 3.11 to 3.14, and $(PYTHON) is none of them. Try: make PYTHON=python3.12"; exit 1; }; \
	  "$(PYTHON)" -m venv $(SYSTEM) "$(VENV)"; \
	elif command -v uv >/dev/null; then uv venv --seed --allow-existing --python ">=3.11,<3.15" $(SYSTEM) "$(VENV)"; \
	else echo "softlabels needs Python 3.11 to 3.14, and none is on this machine."; exit 1; fi
	@grep -v -E '$(if $(filter own,$(TORCH)),^(torch|torchvision|sympy)==,^$$)' constraints.txt > $(PINS)
	@test "$(TORCH)" != cpu || $(BIN)/python -m pip install -c $(PINS) --index-url "$(CPU_INDEX)" torch torchvision || { \
	  echo "torch without CUDA did not come from $(CPU_INDEX). Without TORCH=cpu, make takes the ordinary build, of 5 GB."; exit 1; }
	$(BIN)/python -m pip install -c $(PINS) -e ".[book,test]"
	@echo "$(CURDIR)" > $@
