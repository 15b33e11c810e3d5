# `make demo` and `make test` do the whole set-up on a fresh machine that has
# Python 3.10+ with venv, and a C++ compiler. A second call installs nothing.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
LEAF := configs/deeplab_crf/vgg16_minivoc.py
NO_CRF := configs/deeplab_crf/vgg16-nocrf_minivoc.py
OPENMMLAB := .venv-openmmlab

.PHONY: help install demo test lint docs-check clean test-openmmlab

help:
	@echo "make demo   train, test and print DeepLab-CRF on minivoc"
	@echo "make test   run the tests"
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
	$(BIN)/python tools/train.py $(LEAF)
	$(BIN)/python tools/test.py $(NO_CRF) $(LEAF) --seeds 0 --show-dir out/demo
	@echo "pictures: out/demo"

test: $(INSTALLED)
	$(BIN)/python -m pytest -q

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
	$(OPENMMLAB)/bin/pip install -q --disable-pip-version-check -c constraints.txt 'setuptools<81' wheel torch pytest rich scipy opencv-python pycocotools pydensecrf2 scikit-image scikit-learn
	$(OPENMMLAB)/bin/pip install -q --disable-pip-version-check --no-build-isolation mmcv==2.1.0
	$(OPENMMLAB)/bin/pip install -q --disable-pip-version-check -c constraints.txt mmengine==0.10.7 mmsegmentation==1.2.2 ftfy regex
	$(OPENMMLAB)/bin/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(OPENMMLAB)/bin/python -m pytest -q -p no:warnings -m 'not slow'
