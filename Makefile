# Thin: every recipe is a script of deploy/host, which can be read and run by itself.
SERVICES := apigw mqwriter mqreader streamer collector
HOST     := ./deploy/host
.DEFAULT_GOAL := help
.SUFFIXES:

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z][^:]*:.*## / { printf "  make %-24s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

up: ## Build & start the full stack (Postgres + services)
	@$(HOST)/up.sh
down: ## Stop it (preserves the data)
	@$(HOST)/down.sh
down-clean: ## Stop it and wipe the data
	@$(HOST)/down.sh --clean
ps: ## Show what runs
	@$(HOST)/ps.sh
logs: ## Follow the logs of all services (logs-mqwriter: of one)
	@$(HOST)/logs.sh
verify: ## Health check + quick data verification
	@$(HOST)/verify.sh
seed: ## Show how data gets in
	@$(HOST)/seed.sh

build: ## Build all binaries into ./bin/ (build-apigw: one)
	@$(HOST)/build.sh
test: ## Run all tests with the race detector (TSan)
	@$(HOST)/test.sh tsan
test-unit: ## Run the unit tests alone, in a quick build
	@$(HOST)/test.sh unit
test-asan: ## Run unit and service tests with ASan and UBSan
	@$(HOST)/test.sh asan
test-cover: ## Run all tests, HTML coverage report in build/coverage/
	@$(HOST)/test.sh coverage
test-migrate-cli: ## Run migrations by our script and by golang-migrate's CLI in turns
	@$(HOST)/test-migrate-cli.sh
test-contract: ## Call every documented operation of the running daemons, then schemathesis
	@$(HOST)/test-contract.sh
test-browser: ## Open Swagger UI in headless Chromium and try the API out
	@$(HOST)/test-browser.sh
test-memory: ## Attack the daemons with all that clients may send, and look at the peak of their memory
	@$(HOST)/test-memory.sh
helm-package: ## Pack the Helm charts, with what they need, into build/helm/*.tgz
	@$(HOST)/helm-package.sh
helm-check: ## Lint, render and validate the Helm charts (needs no cluster)
	@$(HOST)/helm-check.sh
helm-install-test: ## Install the charts on the cluster of kubectl's context, in a namespace of their own (HELM_ARGS='--set …')
	@$(HOST)/helm-install-test.sh
docker-build: ## Build the Docker images (no compose)
	@$(HOST)/docker-build.sh
docker-check: ## Check Dockerfile and compose files (needs no engine)
	@$(HOST)/docker-check.sh
docker-test: ## Images and compose for real, on a running engine (wipes the stack's data)
	@$(HOST)/docker-test.sh
test-crash: ## Kill, freeze, cut and promote everything: nothing lost, nothing twice (ROUNDS=100 SEED=n REPLICATION=sync FAULTS=promote,…)
	@ROUNDS='$(ROUNDS)' SEED='$(SEED)' RATE='$(RATE)' READERS='$(READERS)' REPLICATION='$(REPLICATION)' FAULTS='$(FAULTS)' $(HOST)/test-crash.sh
bench: ## Throughput and latency, as ratios to what Postgres can do (about four minutes)
	@$(HOST)/bench.sh
bench-growth: ## The same beside a backlog, dead tuples, a held snapshot and a long history
	@$(HOST)/bench-growth.sh
bench-api: ## What reading costs, against libpq
	@$(HOST)/bench-api.sh
lint: ## clang-format and clang-tidy, changing nothing
	@$(HOST)/lint.sh
fmt: ## Format the code (clang-format)
	@$(HOST)/fmt.sh
settings: ## Regenerate .env.example and docs/configuration.md
	@$(HOST)/settings.sh
swagger: ## Regenerate docs/openapi/*.json from the route tables
	@$(HOST)/swagger.sh

migrate-up: ## Apply pending migrations
	@$(HOST)/migrate.sh up
migrate-down: ## Roll back one migration
	@$(HOST)/migrate.sh down
roles: ## Give each daemon a database role of its own, with the rights that it needs
	@$(HOST)/roles.sh
partitions: ## Change the queue's number of partitions: make partitions COUNT=n
	@$(HOST)/partitions.sh '$(COUNT)'
migrate-create: ## Scaffold a migration pair: make migrate-create NAME=add_foo
	@$(HOST)/migrate.sh create '$(NAME)'

BUILD_ONE := $(addprefix build-,$(SERVICES))
RUN_ONE   := $(addprefix run-,$(SERVICES))
LOGS_ONE  := $(addprefix logs-,$(SERVICES) postgres)
$(BUILD_ONE): build-%:
	@$(HOST)/build.sh $*
run: ## (run-apigw, run-mqwriter, …) Run one service in the foreground
	@echo "which one? $(RUN_ONE)"; exit 2
$(RUN_ONE): run-%:
	@$(HOST)/run.sh $*
$(LOGS_ONE): logs-%:
	@$(HOST)/logs.sh $*

.PHONY: help docker-test helm-install-test up down down-clean ps logs verify seed build test test-unit test-asan test-migrate-cli test-cover test-contract test-browser test-crash \
        helm-package helm-check docker-build docker-check bench bench-growth bench-api lint fmt settings swagger \
        migrate-up migrate-down roles partitions migrate-create run $(BUILD_ONE) $(RUN_ONE) $(LOGS_ONE)
