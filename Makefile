# Two commands matter: `make run` starts Parley, `make test` proves it. `make help` lists the rest.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
BUILD := .build
BIN := bin/parley
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
export GOFLAGS := -buildvcs=false

WEB_SOURCES := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -path web/e2e -prune -o -type f -print)
GO_SOURCES := $(shell find . -path ./web/node_modules -prune -o -path ./.build -prune -o -name '*.go' -print -o -name '*.sql' -print) go.mod go.sum
say = @printf '\033[1m==> %s\033[0m\n' "$(1)"

.PHONY: help run demo build test check generate test-go test-e2e fuzz bench-join bench-link bench-link-pion bench-sfu bench-sfu-path bench-board clean
.DELETE_ON_ERROR:

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: deps-run build ## install what is missing, build, start Parley
	@exec $(BIN) $(ARGS)

demo: deps-run build ## the same with a sample company, on loopback only
	@exec $(BIN) demo $(ARGS)

build: $(BIN) ## build bin/parley with the web client inside

.PHONY: deps-run deps-test
deps-run:
	@.ci/install run
deps-test:
	@.ci/install test

$(BUILD):
	@mkdir -p $@

$(BUILD)/npm: web/package.json web/package-lock.json | $(BUILD)
	$(call say,web: install packages)
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(BUILD)/web: $(BUILD)/npm $(WEB_SOURCES) | $(BUILD)
	$(call say,web: build)
	cd web && npm run --silent build
	@touch $@

$(BIN): $(BUILD)/web $(GO_SOURCES)
	$(call say,go: build)
	go build -trimpath -ldflags "-s -w -X parley/internal/obs.Version=$(VERSION)" -o $@ ./cmd/parley

# ---- proof ----

test: deps-test check test-go test-e2e ## everything: checks, unit, race, browsers
	$(call say,all tests passed)

check: $(BUILD)/npm ## format, vet, lint, types, texts, web unit tests: fast
	$(call say,check)
	@unformatted=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); [ -z "$$unformatted" ] || { echo "gofmt needed:"; echo "$$unformatted"; exit 1; }
	go vet ./...
	go mod verify >/dev/null
	cd web && npm run --silent check

$(BUILD)/minio: internal/tools/minio/go.mod internal/tools/minio/go.sum | $(BUILD)
	$(call say,minio: build the pinned server for the object store tests (minutes the first time))
	go build -C internal/tools/minio -o $(abspath $@) github.com/minio/minio

test-go: $(BUILD)/minio $(BUILD)/web ## Go tests with the race detector
	$(call say,go: test -race)
	PARLEY_TEST_MINIO=$(abspath $(BUILD)/minio) go test -race -timeout 30m ./...
	$(call say,go: fuzz for a moment)
	@.ci/fuzz 20000x

test-e2e: $(BIN) $(BUILD)/netem ## browser tests in Chromium and Firefox with real media
	$(call say,web: size of the first download)
	cd web && npm run --silent size
	$(call say,browsers: end-to-end tests)
	web/e2e/run $(E2E)

$(BUILD)/netem: $(wildcard internal/netem/*.go) | $(BUILD)
	go build -o $@ ./internal/netem

fuzz: ## fuzz every target for minutes
	.ci/fuzz 2000000x

bench-join: $(BIN) ## click to first remote frame, memory, start-up, download size
	web/e2e/run --bench join

bench-link: $(BIN) $(BUILD)/netem ## speech, pictures and recovery on thin and lossy links, 10 minutes (CELL="Firefox.*down" chooses)
	web/e2e/run --bench link $(if $(CELL),-t '$(CELL)')

bench-link-pion: $(BUILD)/netem ## the same with Pion clients, as root, 7 minutes (CELL="down: 500" chooses)
	go build -o $(BUILD)/bench-link ./sfu/bench/link
	unshare --net sh -c 'ip link set lo up && exec $(BUILD)/bench-link -netem $(BUILD)/netem $(if $(CELL),-cell "$(CELL)")'

bench-sfu: | $(BUILD) ## the media plane: cost of a packet, delay, memory, joining (ARGS="-h" lists options)
	go build -o $(BUILD)/bench-sfu ./sfu/bench
	$(BUILD)/bench-sfu $(ARGS)

bench-sfu-path: ## the forwarding path alone, before SRTP and the kernel
	go test -run '^$$' -bench . -benchmem ./sfu/...

PEERS := $(BUILD)/bench-board
$(PEERS)/installed: $(wildcard whiteboard/bench/peers/*) | $(BUILD)
	$(call say,npm: install the servers to compare with)
	mkdir -p $(PEERS)
	cp whiteboard/bench/peers/* $(PEERS)
	cd $(PEERS) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

bench-board: $(PEERS)/installed ## boards beside y-websocket and Hocuspocus: delay, CPU, memory, late joiners, bytes, 5 minutes (ARGS="-h" lists options)
	go build -o $(BUILD)/bench-board-program ./whiteboard/bench
	$(BUILD)/bench-board-program -peers $(PEERS) $(ARGS)

# ---- generated code ----

$(BUILD)/sqlc: internal/tools/sqlc/go.mod internal/tools/sqlc/go.sum | $(BUILD)
	$(call say,sqlc: build)
	go build -C internal/tools/sqlc -o $(abspath $@) github.com/sqlc-dev/sqlc/cmd/sqlc

generate: $(BUILD)/sqlc $(BUILD)/npm ## write the generated code again; leaves no difference
	$(BUILD)/sqlc generate -f internal/postgres/sqlc.yaml
	go generate ./...
	go run ./cmd/parley openapi > api/openapi.json
	cd web && npm run --silent generate

clean: ## remove what was built (never data)
	rm -rf $(BUILD) bin web/node_modules web/dist/assets
