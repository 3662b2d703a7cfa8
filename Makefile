# Every recipe is a script in deploy/host, which can also be run directly.
SERVICES := apigw mqwriter mqreader streamer collector
HOST     := ./deploy/host
.DEFAULT_GOAL := help
.SUFFIXES:

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z][^:]*:.*## / { printf "  make %-24s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

up: ## Build & start the full stack (Postgres + services)
	@$(HOST)/up.sh
down: ## Stop the stack and keep its data
	@$(HOST)/down.sh
down-clean: ## Stop the stack and delete its data
	@$(HOST)/down.sh --clean
ps: ## Show the running services
	@$(HOST)/ps.sh
logs: ## Follow the logs of all services (logs-mqwriter: only one)
	@$(HOST)/logs.sh
verify: ## Check that all services are healthy and data is flowing
	@$(HOST)/verify.sh
seed: ## Show how to publish data
	@$(HOST)/seed.sh

build: ## Build all binaries into ./bin/ (build-apigw: only one)
	@$(HOST)/build.sh
test: ## Run all tests with the race detector (TSan)
	@$(HOST)/test.sh tsan
test-unit: ## Run only the unit tests, in a debug build
	@$(HOST)/test.sh unit
test-asan: ## Run unit and service tests with ASan and UBSan
	@$(HOST)/test.sh asan
test-cover: ## Run all tests and write an HTML coverage report to build/coverage/
	@$(HOST)/test.sh coverage
test-migrate-cli: ## Check that migrate.sh and the golang-migrate CLI work on the same database
	@$(HOST)/test-migrate-cli.sh
test-contract: ## Test the daemons against their OpenAPI documents, then run schemathesis
	@$(HOST)/test-contract.sh
test-browser: ## Test Swagger UI and cross-site protection in headless Chromium
	@$(HOST)/test-browser.sh
test-memory: ## Measure the daemons' peak memory under hostile clients
	@$(HOST)/test-memory.sh
helm-package: ## Package the Helm charts and their dependencies into build/helm/*.tgz
	@$(HOST)/helm-package.sh
helm-check: ## Lint, render and validate the Helm charts (needs no cluster)
	@$(HOST)/helm-check.sh
helm-install-test: ## Test the charts on kubectl's current cluster, in a temporary namespace (HELM_ARGS='--set …')
	@$(HOST)/helm-install-test.sh
docker-build: ## Build the Docker images (no compose)
	@$(HOST)/docker-build.sh
docker-check: ## Check the Dockerfile and compose files (needs no Docker engine)
	@$(HOST)/docker-check.sh
docker-test: ## Test the images and compose on a running Docker engine (deletes the stack's data)
	@$(HOST)/docker-test.sh
test-crash: ## Inject faults; check for lost or duplicate rows (ROUNDS=100 SEED=n REPLICATION=sync FAULTS=promote,…)
	@ROUNDS='$(ROUNDS)' SEED='$(SEED)' RATE='$(RATE)' READERS='$(READERS)' REPLICATION='$(REPLICATION)' \
	  FAULTS='$(FAULTS)' $(HOST)/test-crash.sh
bench: ## Measure throughput and latency, relative to PostgreSQL alone (about 4 minutes)
	@$(HOST)/bench.sh
bench-growth: ## Measure the same with a backlog, dead tuples, a held snapshot and a long history
	@$(HOST)/bench-growth.sh
bench-api: ## Measure API reads, relative to libpq
	@$(HOST)/bench-api.sh
lint: ## Run clang-format, clang-tidy, shellcheck and ruff without changing files
	@$(HOST)/lint.sh
fmt: ## Format the code (clang-format, ruff)
	@$(HOST)/fmt.sh
settings: ## Regenerate .env.example and docs/configuration.md
	@$(HOST)/settings.sh
swagger: ## Regenerate docs/openapi/*.json from the route tables
	@$(HOST)/swagger.sh
golden: ## Regenerate tests/golden (metric names and --help) from the daemons
	@$(HOST)/golden.sh

migrate-up: ## Apply pending migrations
	@$(HOST)/migrate.sh up
migrate-down: ## Roll back the latest migration
	@$(HOST)/migrate.sh down
roles: ## Create one database role per daemon, with only the rights it needs
	@$(HOST)/roles.sh
partitions: ## Change the number of partitions of the queue: make partitions COUNT=n
	@$(HOST)/partitions.sh '$(COUNT)'
migrate-create: ## Create an empty migration pair: make migrate-create NAME=add_foo
	@$(HOST)/migrate.sh create '$(NAME)'

BUILD_ONE := $(addprefix build-,$(SERVICES))
RUN_ONE   := $(addprefix run-,$(SERVICES))
LOGS_ONE  := $(addprefix logs-,$(SERVICES) postgres)
$(BUILD_ONE): build-%:
	@$(HOST)/build.sh $*
run: ## Run one service in the foreground: make run-apigw, run-mqwriter, …
	@echo "name a service: $(RUN_ONE)"; exit 2
$(RUN_ONE): run-%:
	@$(HOST)/run.sh $*
$(LOGS_ONE): logs-%:
	@$(HOST)/logs.sh $*

.PHONY: help docker-test helm-install-test up down down-clean ps logs verify seed build test test-unit test-asan \
        test-migrate-cli test-cover test-contract test-browser test-crash helm-package helm-check docker-build \
        docker-check bench bench-growth bench-api lint fmt settings swagger golden \
        migrate-up migrate-down roles partitions migrate-create run $(BUILD_ONE) $(RUN_ONE) $(LOGS_ONE)
