# make demo   install what is missing, build, run the default scenario
# make test   install what is missing, build, run every test
# make        build only
# make bench  the benchmarks    make asan  the tests under address and undefined-behaviour sanitizers
# make format / lint / accept

BUILD ?= build
PACKAGES := $(shell grep -v '^\#' .ci/packages)

.PHONY: all demo test bench asan format check-format lint accept packages configure

all: configure
	cmake --build $(BUILD)

demo: packages configure
	cmake --build $(BUILD) --target alight
	$(BUILD)/alight run
	@echo "  next: $(BUILD)/alight run docs/examples/mixed-stacks.yaml, or docs/first-scenario.md"

test: packages configure
	cmake --build $(BUILD)
	ctest --test-dir $(BUILD) --output-on-failure --parallel $$(nproc) --no-tests=error

bench: packages configure
	cmake --build $(BUILD) --target alight benchmarks
	tests/bench/run $(BUILD)

asan: packages
	cmake --preset asan
	cmake --build build-asan
	ctest --test-dir build-asan --output-on-failure --parallel $$(nproc) --no-tests=error

configure:
	@test -f $(BUILD)/build.ninja || cmake --preset release -B $(BUILD)

# Installs what .ci/packages lists and is not there; without root it says what is missing.
packages:
	@missing=$$(dpkg-query -W -f '$${db:Status-Status} $${Package}\n' $(PACKAGES) 2>/dev/null | awk '$$1 == "installed" {print $$2}' \
	    | sort > .packages-there; printf '%s\n' $(PACKAGES) | sort | comm -23 - .packages-there; rm -f .packages-there); \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" = 0 ]; then \
	    apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $$missing; \
	  else \
	    echo "missing packages (install them as root): $$missing"; exit 1; \
	  fi; \
	fi

SOURCES = $(shell git ls-files '*.cpp' '*.hpp')

format:
	clang-format -i $(SOURCES)

check-format:
	clang-format --dry-run --Werror $(SOURCES)

lint: configure
	.ci/lint $(BUILD)

# Takes what the programs print now as what the golden tests expect.
accept: configure
	cmake --build $(BUILD)
	ALIGHT_ACCEPT=1 ctest --test-dir $(BUILD) --label-regex golden --output-on-failure
