# Portcullis: everything a newcomer, a tester and the CI type. `make` alone lists it.

FILTERS := $(notdir $(patsubst %/,%,$(wildcard filters/*/)))
# Crates that become modules: the filters, the example, and what tests and measurements load into an Envoy.
MODULES := $(FILTERS) hello-filter actor probe saboteur checker empty open reader validator verifier

# Where cargo builds; modules always end up in target/wasm, where configurations and tests look for them.
BUILD := $(or $(CARGO_TARGET_DIR),target)

# ENVOY=path names another Envoy than the pinned one. Tests run in folders of their own, so it is made absolute.
ifneq ($(ENVOY),)
override ENVOY := $(abspath $(ENVOY))
export ENVOY
else
unexport ENVOY
endif
ENVOY_BINARY := $(or $(ENVOY),target/envoy/envoy)
NEEDS_ENVOY := $(if $(ENVOY),,envoy)
IMAGE ?= portcullis-envoy:1.40.0
OLDEST := 1.36.2

TRAIN := $(if $(CORPUS),CORPUS=$(abspath $(CORPUS))) cargo run --release -q -p portcullis-training --

.PHONY: help wasm contracts envoy redis oauth-server fixtures run up down test lint fmt suites train designs eval garak torture soak bench bench-chain bench-read fuzz size keys image test-oldest test-containers clean
.DEFAULT_GOAL := help

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

run: ## Envoy with all filters and a demo model server on 127.0.0.1:10000 (PORT=, FILTER= for one, CHECK=1)
	@python3 examples/demo/run.py $(if $(FILTER),--filter $(FILTER)) $(if $(CHECK),--check) \
		--port $(or $(PORT),$(if $(CHECK),0,10000))

up: $(NEEDS_ENVOY) wasm ## The gateway in containers with Redis, Prometheus and an OAuth 2.0 server, TLS on 127.0.0.1:8443 (PORT=, CHECK=1)
	@$(if $(PORT),PORT=$(PORT)) python3 examples/demo/up.py $(if $(CHECK),--check)

down: ## Ends what `make up` started
	@python3 examples/demo/up.py --down

test: $(NEEDS_ENVOY) redis ## Every test that a bare clone can run; builds the modules it tests
	cargo test --workspace

wasm: ## Each filter to target/wasm/<filter>.wasm (FILTER=authn for one alone)
	@mkdir -p target/wasm
	@for filter in $(or $(FILTER),$(FILTERS) hello-filter); do \
		echo "building $$filter.wasm"; \
		cargo rustc --release --target wasm32-wasip1 -p $$filter --crate-type cdylib || exit 1; \
		built=$(BUILD)/wasm32-wasip1/release/$$(echo $$filter | tr - _).wasm; \
		cmp -s $$built target/wasm/$$filter.wasm || \
			{ cp $$built target/wasm/$$filter.$$$$ && mv target/wasm/$$filter.$$$$ target/wasm/$$filter.wasm; } || exit 1; \
		echo "target/wasm/$$filter.wasm: $$(($$(wc -c <$$built) / 1024)) KiB"; \
	done

contracts: ## The contracts that come with schema-check, made anew (SUITES= names an unpacked copy of the suites)
	@cargo run -q -p portcullis-cli -- bundle $(or $(SUITES),target/suites/suites)/openapi/openai.json --without-answers \
		--operations $$(cat filters/schema-check/contracts/openai.operations) \
		--output filters/schema-check/contracts/openai.json

envoy: ## The pinned Envoy to target/envoy/envoy (ENVOY=path links that one instead, VERSION=1.36.2 fetches the oldest)
	@$(if $(VERSION),VERSION=$(VERSION)) python3 envoy/fetch.py

redis: ## A Redis for tests: the one on PATH, else fetched to target/redis (by apt-get, without root)
	@python3 tests/python/debian.py redis

oauth-server: ## What the authorization server of tests/oauth.rs needs, to target/oauth
	@python3 tests/oauth/install.py

fixtures: ## What the official SDKs say and understand, recorded anew to tests/fixtures/ai (SDKS="openai mcp")
	@python3 tests/fixtures/sdks/install.py
	@python3 tests/fixtures/sdks/record.py $(SDKS)

lint: ## Formatting, clippy for the host and for wasm32-wasip1, documentation; a warning is a failure
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy --target wasm32-wasip1 -p portcullis $(MODULES:%=-p %) -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

fmt: ## Formats every crate
	cargo fmt --all

suites: $(NEEDS_ENVOY) ## Outside suites: a line for each, `name: right/total` (SUITES= names an unpacked copy)
	@cargo run -q -p portcullis-suites

train: ## Trains the table of prompt-guard's detector injection (CORPUS= names the corpus; CHECK=1 only compares)
	@$(TRAIN) $(if $(CHECK),check,table)

designs: ## Compares designs of that detector; takes an hour (CORPUS=, BY=hand leaves out who wrote instead of sources)
	@$(TRAIN) designs $(BY)

eval: ## Measures prompt-guard on a labelled corpus, fails behind a floor (CORPUS= names its folder, TABLES="pii secrets" some of its tables)
	@$(if $(CORPUS),CORPUS=$(abspath $(CORPUS))) cargo run --release -q -p portcullis-eval -- $(TABLES)

garak: $(if $(TABLE),,$(NEEDS_ENVOY)) ## How much of garak's attacks prompt-guard lets through (CAP=50 of each probe; TABLE=1: the last results)
	@python3 tests/garak/measure.py $(if $(CAP),--cap $(CAP)) $(if $(TABLE),--table)

torture: $(NEEDS_ENVOY) ## The torture table: a line for each row (ROWS="AUTHN-001 ..."; SLOW=1 runs slow rows in full, CHAIN=1 each filter among the other four)
	@cargo run -q -p portcullis-torture -- $(ROWS)

soak: $(NEEDS_ENVOY) ## Good and bad traffic through the gateway at half load while all changes: no wrong decision, no trap, flat memory (MINUTES=10)
	@cargo run --release -q -p portcullis-soak

bench: $(NEEDS_ENVOY) ## CPU time per request, side by side in one Envoy; target/bench/results.json; then contracts
	@cargo run --release -q -p portcullis-bench --bin portcullis-bench; rows=$$?; \
		cargo run --release -q -p portcullis-bench --bin check && exit $$rows

bench-chain: $(NEEDS_ENVOY) ## What all five filters add to the time to an answer at half load, and to the memory of a worker
	@cargo run --release -q -p portcullis-bench --bin chain

bench-read: $(NEEDS_ENVOY) ## Nanoseconds a byte to read a request, native and in a module, and the slowest bodies (FORMAT=json)
	@cargo run --release -q -p portcullis-bench --bin read -- $(if $(FORMAT),--format $(FORMAT))

fuzz: ## Fuzzes one target (TARGET=openai, MINUTES=1): needs cargo-fuzz and a nightly toolchain
	@command -v cargo-fuzz >/dev/null || { echo "expected cargo-fuzz: cargo install cargo-fuzz --locked" >&2; exit 1; }
	@cargo +nightly fuzz run $(or $(TARGET),openai) -- -max_total_time=$$(( $(or $(MINUTES),1) * 60 )) -timeout=5 -max_len=8192

size: $(NEEDS_ENVOY) ## Bytes of each module, memory a worker, and that many tokens leave it flat (SLOW=1: a million; FORMAT=json)
	@cargo run --release -q -p portcullis-bench --bin size -- $(if $(FORMAT),--format $(FORMAT))

keys: $(NEEDS_ENVOY) ## That ten million different keys of rate limits leave memory flat (KEYS=, SLOTS=, WINDOW=, FORMAT=json)
	@cargo run --release -q -p portcullis-bench --bin keys -- $(if $(FORMAT),--format $(FORMAT))

image: $(NEEDS_ENVOY) ## Images FROM scratch of all that `make up` runs, and one for each filter (ONLY="envoy authn")
	@$(if $(if $(ONLY),$(filter $(FILTERS),$(ONLY)),all),$(MAKE) --no-print-directory wasm &&) IMAGE=$(IMAGE) python3 envoy/compose/images.py $(ONLY)

# What the filters rely on, and all of them in a chain.
test-oldest: ## The oldest Envoy that is supported: the facts that filters rely on, and the chains of a mesh
	@VERSION=$(OLDEST) python3 envoy/fetch.py
	ENVOY=$(CURDIR)/target/envoy-$(OLDEST)/envoy cargo test -p portcullis --test host_facts --test mesh

# Stops the engine it started, and no other.
test-containers: $(NEEDS_ENVOY) ## The case tables against Envoy in containers (ROWS=); starts dockerd if none answers
	@engine=$$(envoy/compose/start-docker.sh) || exit 1; \
	trap '[ -z "$$engine" ] || kill $$engine' EXIT; trap 'exit 130' INT TERM; \
	$(MAKE) --no-print-directory image ONLY=envoy && ENVOY_IMAGE=$(IMAGE) \
		$(if $(ROWS),cargo run -q -p portcullis-torture -- $(ROWS),cargo test -p portcullis-torture --test cases)

clean: ## Removes everything that was built or fetched
	rm -rf target
