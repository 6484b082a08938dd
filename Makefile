# make demo   set up what is missing, then the main job on the samples
# make docs   for a browser without a network: the rules and messages as pages with a search (build/reference/index.html),
#             and the guide with its pictures (build/reference/使用指南.html), which are drawn anew
# make test   set up what is missing, then lint, types, tests, rule cases
# A file of tests stays with one worker: the papers that it lays out once are not laid out again by the other.
SHELL := /bin/sh
BIN := .venv/bin

.PHONY: demo docs test check-code check-rules test-long fuzz bench bundle bundle-test rules-bundle lock locale schemas release

demo:
	@tools/setup.sh runtime
	@$(BIN)/chunfeng demo -o demo
	@echo "The files are in $(CURDIR)/demo"

docs:
	@tools/setup.sh dev
	$(BIN)/chunfeng rules reference -o build/reference
	$(BIN)/python -m tools.guide_pictures
	$(BIN)/python -m tools.guide_page build/reference/使用指南.html

# What needs no fonts is checked while they are built.
test:
	@tools/setup.sh dev without-fonts
	@$(MAKE) --no-print-directory -j2 --output-sync=target check-code check-rules
	$(BIN)/pytest -n auto --dist loadfile -m "not long"

check-code:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check engine tools cli.py tests benchmarks
	$(BIN)/mypy

check-rules:
	@tools/setup.sh dev
	$(BIN)/chunfeng rules check
	$(BIN)/chunfeng rules test

# What decides on findings gets 3,000 examples, what reads and prints papers 300: some take seconds each.
# Both print their seed; give it again to repeat a run: make test-long SEED=7
test-long fuzz: SEED := $(or $(SEED),$(shell od -An -N3 -tu4 /dev/urandom | tr -d ' '))
test-long:
	@tools/setup.sh dev
	@echo "seed $(SEED)"
	CHUNFENG_EXAMPLES=3000 $(BIN)/pytest -n auto --dist loadfile --hypothesis-seed=$(SEED) \
		tests/test_backends.py tests/test_backends_fuzz.py tests/test_expressions.py
	CHUNFENG_EXAMPLES=300 CHUNFENG_SEED=$(SEED) $(BIN)/pytest -n auto --dist loadfile --hypothesis-seed=$(SEED) --durations=5

fuzz:
	@tools/setup.sh dev
	@echo "seed $(SEED)"
	CHUNFENG_EXAMPLES=20000 $(BIN)/pytest --hypothesis-seed=$(SEED) tests/test_backends_fuzz.py

bench:
	@tools/setup.sh dev
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	$(BIN)/python -m benchmarks

# For offices without internet: the program with all that it needs, and the rules alone (docs/bundle.md).
bundle:
	@tools/setup.sh runtime
	$(BIN)/python -m tools.bundle

rules-bundle:
	@tools/setup.sh runtime
	$(BIN)/python -m tools.bundle.rules

# Needs root, and debootstrap and busybox-static from Debian; says what is missing.
bundle-test:
	@tools/setup.sh dev
	CHUNFENG_BUNDLE="$$(ls dist/chunfeng-*-linux-x86_64.tar.gz)" $(BIN)/pytest -rs tests/test_bundle.py

# For developers: what is made from other files. uv is needed for lock only.
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet
lock:
	$(LOCK) --group build -o requirements/build.txt
	$(LOCK) pyproject.toml -o requirements/runtime.txt
	$(LOCK) pyproject.toml --group dev -c requirements/runtime.txt -o requirements/dev.txt
	$(LOCK) pyproject.toml --extra office --extra odk --extra scan --extra sign -c requirements/dev.txt -o requirements/bundle.txt
	$(LOCK) --group bench -c requirements/dev.txt -o requirements/bench.txt

locale:
	$(BIN)/python tools/compile_locale.py

schemas:
	$(BIN)/chunfeng rules schema --write --rules rules

release:
	for campaign in 2019 2024; do $(BIN)/chunfeng campaign release $$campaign --rules rules || exit 1; done
	$(BIN)/python tools/relock_samples.py
