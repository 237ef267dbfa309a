# Everything here works with Go alone; `make help` lists the targets.
.DEFAULT_GOAL := all
.PHONY: all help build fmt lint test race golden docs lab walk recordings bench guard-bench fuzz cross bpf profile

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
EXHAUSTIVE := github.com/nishanths/exhaustive/cmd/exhaustive@v0.17.1

all: fmt lint test ## format, lint, test

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

build: ## one static binary: ./synoptic
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o synoptic ./cmd/synoptic

fmt: ## gofmt
	gofmt -l -w $$(git ls-files '*.go')

lint: ## go vet, staticcheck, and that a switch over states names all of them
	go vet ./...
	go run $(STATICCHECK) ./...
	go run $(EXHAUSTIVE) -typeonly 'tcp\.State$$' ./...

test: ## all tests (the README's command)
	go test ./...

race: ## all tests under the race detector, shuffled (needs a C compiler)
	CGO_ENABLED=1 go test -race -shuffle=on ./...

profile: ## how the compiler learns what reading captures spends its time on: default.pgo
	GOMAXPROCS=1 go test ./track -run '^$$' -bench Parallel -benchtime 5x -cpuprofile cmd/synoptic/default.pgo -o /dev/null

golden: ## rewrite the golden files
	go test ./internal/explain ./internal/text -update
	go test ./internal/lab/duel -run TestDocument -update

docs: ## write the pages of the causes and the list of their scenarios
	go test ./internal/articles -run 'TestScenarios$$' -update -count 1
	go test ./internal/articles -run TestPages -update -count 1

lab: ## every scenario of the lab, on the real kernel
	go run ./cmd/synoptic lab run --all

walk: ## real sockets over every edge of the state machine, and 100,000 scripts in lockstep
	go run ./cmd/synoptic lab walk
	go test ./internal/lab/duel -run TestLinux -count 1 -v -sequences 100000 -seed 7

recordings: ## record every scenario anew, for tests that need no rights
	rm -rf testdata/recordings && mkdir -p testdata/recordings
	go run ./cmd/synoptic lab run --all --save-bundle testdata/recordings --save-pcap testdata/recordings

bench: ## the benchmarks of docs/performance.md
	go test ./sockdiag -run '^$$' -bench . -benchtime 9x
	go test ./diagnose ./tcp ./evidence -run '^$$' -bench .
	go test ./track -run '^$$' -bench Reading -benchtime 3x
	go test ./packet -run '^$$' -bench Against
	go test ./internal/capture -run '^$$' -bench Against -benchtime 5x
	go test ./internal/bpf ./internal/live ./cmd/synoptic -run '^$$' -bench 'AcceptClose|Event|Decode|Holders|Flush|TransitionJSON'

guard-bench: ## what a SYN flood costs with each defence (root, half a minute)
	go run ./cmd/synoptic guard bench

fuzz: ## every fuzz target for a minute
	@grep -rlE '^func Fuzz' --include='*_test.go' . | while read -r file; do \
	  for target in $$(grep -oE '^func Fuzz[A-Za-z0-9_]*' $$file | cut -d' ' -f2); do \
	    go test -run '^$$' -fuzz "^$$target\$$" -fuzztime 60s $$(dirname $$file) || exit 1; \
	  done; done

cross: ## the builds that a law holds
	go test ./internal/law -run CrossBuilds -count 1 -v

bpf: ## compile the kernel programs again (needs the clang that internal/bpf/c/build.sh records)
	internal/bpf/c/build.sh
