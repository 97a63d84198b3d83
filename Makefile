# Each target is one line that you can type yourself; `make help` says what they do.
PYTHON ?= python3

.PHONY: help book pdf epub offline all release system test quick check watch matrix bench lock clean

help:
	@$(PYTHON) tools/bootstrap.py help

book:
	@$(PYTHON) tools/bootstrap.py book

pdf:
	@$(PYTHON) tools/bootstrap.py pdf

epub:
	@$(PYTHON) tools/bootstrap.py epub

offline:
	@$(PYTHON) tools/bootstrap.py offline

all:
	@$(PYTHON) tools/bootstrap.py all

release:
	@$(PYTHON) tools/bootstrap.py release

system:
	@$(PYTHON) tools/bootstrap.py system

test:
	@$(PYTHON) tools/bootstrap.py test

quick:
	@$(PYTHON) tools/bootstrap.py quick

check:
	@$(PYTHON) tools/bootstrap.py check

watch:
	@$(PYTHON) tools/bootstrap.py watch

matrix:
	@$(PYTHON) tools/bootstrap.py matrix

bench:
	@$(PYTHON) tools/bootstrap.py bench

lock:
	@$(PYTHON) tools/bootstrap.py lock

clean:
	@$(PYTHON) tools/bootstrap.py clean
