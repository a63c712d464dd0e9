# Spider's gate. `make` alone lists the targets.

SHELL := /bin/bash
.DEFAULT_GOAL := help

SPIDER := .build/release/spider
DEMO_OUTPUT := demo-output
SWIFT_SOURCES := Package.swift Sources Tests Benchmarks Examples

# The tests import no module with @testable. Saying so lets them share the objects of `make build`
# instead of compiling everything a second time.
TEST_OPTIONS := -c release --disable-testable-imports

# Where `make install` puts the program; DESTDIR goes before it where a package is made.
PREFIX := /usr/local
DESTDIR :=
# The installed program carries Swift's libraries in itself: it runs where no Swift is. Such objects have a
# folder of their own.
INSTALLED := .build/installed

.PHONY: help setup build install uninstall demo test bench bench-published check-twin format lint layout docs api sbom clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install the missing system packages (Debian; uses sudo when not root)
	@Scripts/install-dependencies

build: setup ## Set up and build; the program is .build/release/spider
	swift build -c release
	@Scripts/describe-commit >.build/release/spider.commit

install: setup ## Build, and install program, weights, completions and man pages in PREFIX (/usr/local)
	swift build -c release --product spider --static-swift-stdlib --scratch-path $(INSTALLED)
	@Scripts/install $(INSTALLED)/release/spider $(PREFIX) $(DESTDIR)

uninstall: ## Take away what `make install` has put into PREFIX
	@Scripts/install --remove $(PREFIX) $(DESTDIR)

demo: build ## Set up, build, and reconstruct a phantom head from two X-rays into demo-output/
	$(SPIDER) demo --out $(DEMO_OUTPUT) --overwrite
	@echo
	@echo "Look at $(DEMO_OUTPUT)/report.html, or at $(DEMO_OUTPUT)/slices.png (truth beside result)."

test: setup ## Set up and run all tests; say how many ran, were skipped, and why
	@Scripts/run-tests $(TEST_OPTIONS)

# The peers (PyTorch and others) live in an environment of their own, made anew when their list changes.
PEERS := Benchmarks/.venv
$(PEERS)/ready: Benchmarks/peers/requirements.txt
	python3 -m venv $(PEERS)
	$(PEERS)/bin/pip install --quiet --requirement $<
	touch $@

bench: build $(PEERS)/ready ## Time the engine in turns with PyTorch: Benchmarks/results/engine.md (a quiet machine, 15 minutes)
	swift build -c release --package-path Benchmarks
	$(PEERS)/bin/python Benchmarks/peers/bench_engine.py Benchmarks/.build/release/engine $(SPIDER) \
	  Benchmarks/results/engine.md $(BENCH_OPTIONS)

bench-published: build $(PEERS)/ready ## Time X2CT-GAN and PerX2CT in turns with PyTorch: Benchmarks/results/baselines.md (15 minutes)
	swift build -c release --package-path Benchmarks --product published
	$(PEERS)/bin/python Benchmarks/peers/bench_baselines.py $(SPIDER) Benchmarks/.build/release/published \
	  Benchmarks/results/baselines.md $(BENCH_OPTIONS)

check-twin: $(PEERS)/ready ## Hold the PyTorch twin of the trainer to the golden training steps (PyTorch: 5 GB)
	$(PEERS)/bin/python Benchmarks/peers/check_twin.py

format: ## Format all Swift sources in place
	swift format --in-place --parallel --recursive $(SWIFT_SOURCES)

lint: ## Check format and style of all Swift sources; changes nothing
	swift format lint --strict --parallel --recursive $(SWIFT_SOURCES)

layout: ## Show files, lines and unsafe code a target; fail on circles, long files and more unsafe code than agreed
	Scripts/check-layout
	Scripts/check-unsafe

docs: ## Build the libraries' pages (DocC) into .build/documentation, after a release build
	swift build -c release
	Scripts/build-documentation

api: ## Write the list of the public interface anew (Docs/api), after a release build
	swift build -c release
	Scripts/check-api --update

sbom: ## Write the software bill of materials (SPDX 2.3): .build/spider.spdx.json
	@mkdir -p .build
	@Scripts/make-sbom .build/spider.spdx.json

clean: ## Remove everything that was built and the demo's files
	rm -rf .build Benchmarks/.build $(PEERS) Examples/.build Examples/Server/.build Examples/ManyMachines/.build $(DEMO_OUTPUT)
