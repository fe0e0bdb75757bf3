# The verbs of this repository. Everything needs Go only, but for "strangers", "second-opinion",
# "conformance" and "inspector", which install Node and Python packages into .cache,
# and for Keycloak, which needs Java 17 and comes through Maven into .cache.

.PHONY: build test lint e2e crash fuzz soak bench strangers second-opinion keycloak keycloak-stop e2e-keycloak conformance inspector

build: ## both commands into bin/
	go build -o bin/ ./cmd/...

test: ## every test, offline
	go test -race -shuffle=on ./...

lint: ## formatting, vet, staticcheck, vulnerabilities, go.mod
	test -z "$$(gofmt -l .)" || { gofmt -d . ; exit 1; }
	go vet ./...
	go tool -modfile=tools/go.mod staticcheck ./...
	go mod tidy -diff
	tools/vulncheck

e2e: ## full flows between client, authorization server and todo server
	go test -count=1 ./e2e

crash: ## kill -9 under load, CRASH_ROUNDS times (default 100): no acknowledged write is lost; PostgreSQL too where installed
	CRASH_ROUNDS=$(or $(CRASH_ROUNDS),100) go test -count=1 -timeout 30m -run Kills -v ./e2e/durability

fuzz: ## each fuzz target for FUZZTIME (default 10s)
	tools/fuzz $(or $(FUZZTIME),10s)

soak: ## SOAK rounds (default 100000) of sign-ins and of tool calls: neither memory nor goroutines stay behind
	SOAK=$(or $(SOAK),100000) go test -count=1 -timeout 60m -v ./e2e/soak

bench: ## benchmarks, with allocations
	go test -run '^$$' -bench . -benchmem ./...

strangers: ## MCP clients that others wrote, against the real binaries
	e2e/strangers/setup.sh
	STRANGERS=1 go test -count=1 -v ./e2e/strangers

second-opinion: ## the engine of Logto, npm oidc-provider, and the personality logto answer the same probes
	e2e/fidelity/oidc-provider/setup.sh
	OIDC_PROVIDER=1 go test -count=1 ./e2e/fidelity

keycloak: ## a real Keycloak with the realm of providers/keycloak on http://localhost:8180, or on KEYCLOAK_PORT
	tools/keycloak start

keycloak-stop: ## ends it
	tools/keycloak stop

e2e-keycloak: ## the flows of e2e on a real Keycloak, which is started for it if none runs, what the personality answers otherwise, check-provider, and the tutorial
	tools/keycloak during sh -c 'cd e2e && E2E_PROFILE=../providers/keycloak.yaml go test -count=1 && cd fidelity && E2E_PROFILE=../../providers/keycloak.yaml go test -count=1 && cd ../../internal/providercheck && E2E_PROFILE=keycloak.yaml go test -count=1 -run LiveKeycloak && cd ../../e2e/tutorial && E2E_PROFILE=keycloak go test -count=1'

conformance: ## the official conformance suite and the Inspector's web page, against the real binaries; writes the scores into the README
	e2e/strangers/setup.sh
	CONFORMANCE=1 go test -count=1 -v ./e2e/conformance -update

inspector: ## the MCP Inspector's web page with todo-mcp, for a person: prints the URL
	e2e/strangers/setup.sh
	tools/inspector
