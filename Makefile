# `make demo` and `make test` do the whole set-up on a fresh machine that has
# Python 3.10+ with venv, and a C++ compiler. A second call installs nothing.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# One leaf of each method and a mixture; trained for 3 in 10 of their iterations.
DEMO := deeplab_crf/vgg16-nocrf deeplab_crf/vgg16 context_crf/vgg16 zoom_out/vgg16 \
	compare/vgg16-zoom-out-crf fcrn/r18-k3d6 fcrn/r18-instances
PAGE := out/demo/leaderboard.html
OPENMMLAB := .venv-openmmlab

.PHONY: help install demo test browser lint docs-check clean test-openmmlab

help:
	@echo "make demo   train and test all methods on minivoc, shortly; print their leaderboard"
	@echo "make test   run the tests"
	@echo "make browser  install chromium for the tests of the HTML page (make test does)"
	@echo "make lint   ruff, mypy, and tables against their records"
	@echo "make clean  remove environments and caches (keeps data/, work_dirs/, out/)"
	@echo "make test-openmmlab  unit tests on OpenMMLab's own stack (slow build)"

install: $(INSTALLED)

$(INSTALLED): setup.cfg pyproject.toml constraints.txt tools/preflight.py
	@$(PYTHON) tools/preflight.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt torch
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[mm,dev]'
	@touch $@

demo: $(INSTALLED)
	$(BIN)/python tools/sweep.py $(DEMO:%=configs/%_minivoc.py) --shorten 0.3 --jobs 2 --page $(PAGE)

test: $(INSTALLED) browser
	$(BIN)/python -m pytest -q

# Tests of the HTML page need a browser; without one they are skipped. This never
# fails, and says nothing where there is one.
browser:
	@for name in chromium chromium-browser google-chrome; do \
	  command -v $$name >/dev/null && exit 0; \
	done; \
	if [ "$$(id -u)" -ne 0 ]; then why="only root can install it"; \
	elif ! command -v apt-get >/dev/null; then why="there is no apt-get to install it"; \
	else \
	  echo "installing chromium for the tests of the HTML page"; \
	  export DEBIAN_FRONTEND=noninteractive; \
	  install="timeout 900 apt-get install -y chromium fonts-dejavu-core"; \
	  { $$install || { timeout 300 apt-get update && $$install; }; } >/dev/null 2>&1 </dev/null && exit 0; \
	  why="apt-get could not install it"; \
	fi; \
	echo "NO CHROMIUM, $$why: the tests of the HTML page in a browser will be skipped"

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tools/leaderboard.py --check

clean:
	rm -rf $(VENV) $(OPENMMLAB) build dist *.egg-info .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# mmcv has no wheel for today's torch: it builds from source. This stack warns at
# import, so warnings are not errors here.
test-openmmlab:
	@$(PYTHON) tools/preflight.py
	$(PYTHON) -m venv $(OPENMMLAB)
	$(OPENMMLAB)/bin/pip install -q --disable-pip-version-check -c constraints.txt 'setuptools<81' wheel torch pytest rich msgspec threadpoolctl filelock scipy h5py numba opencv-python pycocotools pydensecrf2 scikit-image scikit-learn
	$(OPENMMLAB)/bin/pip install -q --disable-pip-version-check --no-build-isolation mmcv==2.1.0
	$(OPENMMLAB)/bin/pip install -q --disable-pip-version-check -c constraints.txt mmengine==0.10.7 mmsegmentation==1.2.2 ftfy regex
	$(OPENMMLAB)/bin/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(OPENMMLAB)/bin/python -m pytest -q -p no:warnings -m 'not slow'
