# SPDX-License-Identifier: MIT
# `make` prints what there is to run. Everything is installed inside the checkout.

PYTHON ?= python3
NETWORK ?= anvil
SOLC_VERSION := 0.8.28
UV_VERSION := 0.13.8
SLITHER_VERSION := 0.11.6
DEGENBOT_VERSION := 0.3.0
DEMETER_VERSION := 1.3.0
SKFOLIO_VERSION := 1.12.2
RISKFOLIO_VERSION := 7.4.0
PYPFOPT_VERSION := 1.6.0
CVXPORTFOLIO_VERSION := 1.5.1

VENV := .venv
BIN := $(VENV)/bin
TOOLCHAIN := .toolchain
SOLC := $(TOOLCHAIN)/solc-v$(SOLC_VERSION)
PEERS := $(TOOLCHAIN)/peers
MORPHO := $(TOOLCHAIN)/morpho-blue/Morpho.json

# One stamp file a step, inside the folder the step makes: no folder, no stamp.
PYTHON_STAMP := $(VENV)/.stamp-lock
PACKAGE_STAMP := $(VENV)/.stamp-package
NODE_STAMP := node_modules/.stamp-lock
BUILD_STAMP := build/.stamp
FIXTURE_STAMP := build/forge/.stamp-fixture
SLITHER_STAMP := $(TOOLCHAIN)/slither/.stamp-$(SLITHER_VERSION)

CONTRACT_FILES := $(shell find contracts -name '*.sol' 2>/dev/null)
CONTRACT_FOLDERS := $(shell find contracts -type d 2>/dev/null)
# Brownie tracks contracts, not files: a changed file that holds none (errors, structs)
# needs a full compilation.
SHARED_FILES := $(if $(CONTRACT_FILES),$(shell grep -LE \
	'^(abstract contract|contract|interface|library) ' $(CONTRACT_FILES)))

# The program itself: npm's wrapper of it hides some exit codes.
FORGE = $(firstword $(wildcard node_modules/@foundry-rs/forge-*/bin/forge) forge)

export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
export SOLCX_BINARY_PATH := $(CURDIR)/$(TOOLCHAIN)
OMP_NUM_THREADS ?= 1
export OMP_NUM_THREADS

PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check \
	--no-deps --no-build-isolation --no-compile
UV_COMPILE := $(TOOLCHAIN)/uv/bin/uv --no-config pip compile --universal \
	--python-version 3.11 --generate-hashes --no-annotate --no-header --quiet

DEMO_OPTIONS := $(if $(PRICES),--prices '$(PRICES)') $(if $(START),--start '$(START)') \
	$(if $(DAYS),--days '$(DAYS)') $(if $(CHAIN),--chain '$(CHAIN)') \
	$(if $(FORK_URL),--fork-url '$(FORK_URL)') $(if $(SEED),--seed '$(SEED)') \
	$(if $(KEEP),--keep)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup build demo test test-offchain test-forge test-onchain fixture fuzz \
	mutants coverage slither bench peers lint lock clean

help:
	@echo 'make setup   install Python and Node packages and the compiler; compile'
	@echo 'make build   compile the contracts that changed'
	@echo 'make demo    run the demo; options: PRICES= START= DAYS= CHAIN= FORK_URL= SEED= KEEP='
	@echo 'make test    run every test; NETWORK= picks the local chain (anvil)'
	@echo 'make fuzz    the long campaigns: tests/forge, and models of pools against bytecode'
	@echo 'make mutants change the contracts bit by bit: some test must notice; PARTS='
	@echo 'make coverage lines and branches that the Solidity tests reach'
	@echo 'make slither run Slither; docs/slither.md must explain all that it finds'
	@echo 'make peers   install the packages that bench compares us with, apart'
	@echo 'make bench   measure gas and speed; JSON, kept in reports/bench.json'
	@echo 'make lint    check style and types'
	@echo 'make lock    pin the newest allowed package versions again'
	@echo 'make clean   remove everything that setup, build and the tests made'

setup: $(PACKAGE_STAMP) $(BUILD_STAMP) $(MORPHO)
	@:

build: $(BUILD_STAMP)
	@:

demo: setup
	@$(BIN)/steelyard demo $(DEMO_OPTIONS)

test: test-offchain test-forge test-onchain

test-offchain: setup
	$(BIN)/python -m pytest -p no:pytest-brownie tests/offchain

test-onchain: setup test-offchain
	$(BIN)/python -m pytest tests/onchain --network $(NETWORK)

test-forge: fixture
	$(FORGE) test

# Real protocols as a file that the Solidity tests load.
fixture: setup $(FIXTURE_STAMP)
	@:

fuzz: fixture
	@$(BIN)/python tests/forge/campaign.py
	@$(BIN)/python tests/onchain/pool_fuzz.py
	@$(BIN)/python tests/onchain/fuzz_concentrated.py

# Other models of the same pools and other optimisers, each in an environment of its own.
peers: $(PEERS)/degenbot/.stamp-$(DEGENBOT_VERSION) \
		$(PEERS)/demeter/.stamp-$(DEMETER_VERSION) \
		$(PEERS)/skfolio/.stamp-$(SKFOLIO_VERSION) \
		$(PEERS)/riskfolio/.stamp-$(RISKFOLIO_VERSION) \
		$(PEERS)/pypfopt/.stamp-$(PYPFOPT_VERSION) \
		$(PEERS)/cvxportfolio/.stamp-$(CVXPORTFOLIO_VERSION)
	@:

# Each small change of the contracts makes some test fail; PARTS= picks by name.
mutants: fixture
	@$(BIN)/python tests/forge/mutate.py $(PARTS)

coverage: fixture
	@$(BIN)/python tests/forge/coverage.py

slither: setup $(SLITHER_STAMP)
	@$(BIN)/python tests/forge/findings.py

bench: setup
	@$(BIN)/python -m steelyard.bench

lint: $(PACKAGE_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict offchain

lock:
	$(PYTHON) -m venv $(TOOLCHAIN)/uv
	$(TOOLCHAIN)/uv/bin/python -m pip install --quiet uv==$(UV_VERSION)
	$(UV_COMPILE) --upgrade --extra dev --output-file requirements.lock pyproject.toml
	printf 'setuptools\nwheel\n' | $(UV_COMPILE) --upgrade \
		--constraints requirements.lock --output-file requirements-build.lock -
	npm install --package-lock-only --loglevel=error

clean:
	rm -rf $(VENV) $(TOOLCHAIN) node_modules build reports
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis offchain/*.egg-info
	find offchain scripts tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(PYTHON_STAMP): requirements-build.lock requirements.lock
	@sh scripts/toolchain/check.sh $(PYTHON)
	@echo 'setup: Python packages (one to three minutes the first time)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP_INSTALL) --require-hashes -r requirements-build.lock
	@$(PIP_INSTALL) --require-hashes -r requirements.lock
	@touch $@

$(PACKAGE_STAMP): $(PYTHON_STAMP) pyproject.toml scripts/toolchain/environment.py
	@echo 'setup: the steelyard package'
	@$(PIP_INSTALL) --editable .
	@$(BIN)/python scripts/toolchain/environment.py
	@touch $@

$(NODE_STAMP): package.json package-lock.json .npmrc
	@sh scripts/toolchain/check.sh $(PYTHON)
	@echo 'setup: Node packages'
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@command -v anvil >/dev/null || echo 'setup: no Anvil for this platform on npm;' \
		'put your own anvil in PATH or use CHAIN=ganache'
	@touch $@

$(SOLC): $(NODE_STAMP) scripts/toolchain/solc.sh scripts/toolchain/solc.js
	@echo 'setup: solc $(SOLC_VERSION)'
	@mkdir -p $(TOOLCHAIN)
	@node scripts/toolchain/solc.js --version >$(TOOLCHAIN)/version.txt
	@grep -q 'Version: $(SOLC_VERSION)+' $(TOOLCHAIN)/version.txt || { \
		echo 'setup: npm has another solc than $(SOLC_VERSION)' >&2; exit 1; }
	@cp scripts/toolchain/solc.sh $@
	@chmod 755 $@

$(MORPHO): $(NODE_STAMP) scripts/toolchain/morpho.js
	@echo 'setup: Morpho Blue, which npm has as source alone'
	@node scripts/toolchain/morpho.js $(dir $@)

define INSTALL_PEER
@echo 'peers: $(1) $*'
@$(PYTHON) -m venv $(@D)
@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check $(1)==$* $(2)
@touch $@
endef

$(PEERS)/degenbot/.stamp-%:
	$(call INSTALL_PEER,degenbot)

$(PEERS)/demeter/.stamp-%:
	$(call INSTALL_PEER,zelos-demeter)

$(PEERS)/skfolio/.stamp-%:
	$(call INSTALL_PEER,skfolio)

$(PEERS)/riskfolio/.stamp-%:
	$(call INSTALL_PEER,riskfolio-lib)

# It imports packaging and does not ask for it.
$(PEERS)/pypfopt/.stamp-%:
	$(call INSTALL_PEER,pyportfolioopt,packaging)

$(PEERS)/cvxportfolio/.stamp-%:
	$(call INSTALL_PEER,cvxportfolio)

$(FIXTURE_STAMP): tests/forge/fixture.py tests/forge/protocol_market.py \
		$(wildcard offchain/steelyard/demo/*.py) $(wildcard contracts/demo/*.sol) \
		contracts/mocks/HostileToken.sol package-lock.json scripts/toolchain/morpho.js \
		| $(BUILD_STAMP) $(MORPHO)
	@echo 'fixture: markets of real protocols'
	@$(BIN)/python tests/forge/fixture.py
	@touch $@

# Its packages do not go with Brownie's.
$(SLITHER_STAMP): | $(PYTHON_STAMP)
	@$(PYTHON) -m venv $(TOOLCHAIN)/slither
	@$(TOOLCHAIN)/slither/bin/python -m pip install --quiet \
		--disable-pip-version-check slither-analyzer==$(SLITHER_VERSION)
	@touch $@

$(BUILD_STAMP): $(PACKAGE_STAMP) $(SOLC) brownie-config.yaml \
		$(CONTRACT_FILES) $(CONTRACT_FOLDERS)
	@echo 'build: contracts'
	@$(BIN)/brownie compile $(if $(filter $(SHARED_FILES) $(SOLC),$?),--all)
	@touch $@
