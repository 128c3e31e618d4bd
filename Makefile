# Postern. `make run` runs the whole system on this machine, `make test` tests it. docs/local.md explains the targets.
#
# Variables may be given as `make run PORT=3100` or `PORT=3100 make run`.

.DEFAULT_GOAL := help
SHELL := /bin/sh

# The local program. The go command rebuilds it after changes.
POSTERN := .cache/bin/postern

# Processor of the functions, as the template's parameter Architecture: arm64 or x86_64.
ARCH ?= arm64
GOARCH_FOR := $(if $(filter x86_64 amd64,$(ARCH)),amd64,$(ARCH))
FUNCTIONS := GitAccessFunction SSHKeysFunction InstanceFunction HooksFunction PostReceiveFunction DirectoryFunction \
	LFSFunction CredentialsFunction ErrorTrackingFunction StorageLimitsFunction AgentsFunction StarboardFunction \
	RotationFunction GroupSCIMFunction InstanceSCIMFunction
REVISION ?= $(shell git rev-parse --short=11 HEAD 2>/dev/null)
LDFLAGS = -s -w$(if $(REVISION), -X postern/shared/config.Revision=$(REVISION))

# The race detector needs a C compiler; without one (CGO_ENABLED is 0) the tests run without it.
RACE = $(if $(filter 1,$(shell go env CGO_ENABLED)),-race)

# Some shells export HOST as the machine's name: only `make run HOST=` counts.
ifeq ($(origin HOST),environment)
unexport HOST
endif

.PHONY: help
help: ## lists the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

.PHONY: setup
setup: ## installs the tools of the local system below .cache
	@local/setup run

.PHONY: program
program: setup
	@go build -o $(POSTERN) ./local/cmd/postern

.PHONY: run
run: program ## runs the whole system (PORT, HOST, DIRECTORY, DYNAMODB_PORT, SECRETS_PORT, SHELL_SECRET_FILE, KAS_SECRET_FILE, PERSIST, REPOSITORIES, GITALY_PORT, GITALY_TOKEN)
	@exec $(POSTERN) run

.PHONY: apply
apply: program ## loads a directory document into the running system, or previews it with DRY_RUN=1 (DOC, DRY_RUN, PORT)
	@exec $(POSTERN) apply

.PHONY: export
export: program ## prints the running system's whole directory as a document (FILE, PORT)
	@exec $(POSTERN) export

.PHONY: import
import: program ## builds a directory document from a running GitLab (GITLAB, GITLAB_TOKEN or GITLAB_TOKEN_FILE, FILE)
	@exec $(POSTERN) import

.PHONY: token
token: program ## prints a fresh JWT (KIND=shell or kas, TTL in seconds, PORT)
	@exec $(POSTERN) token

.PHONY: call
call: program ## signs a request, sends it, prints the answer (ROUTE, METHOD, DATA, KIND, PRIVATE_TOKEN, AGENT_TOKEN, PORT)
	@exec $(POSTERN) call

.PHONY: restore
restore: program ## puts an export of DynamoDB into a table and keeps existing items (FROM, TABLE or PORT)
	@exec $(POSTERN) restore

.PHONY: sam-local
sam-local: program ## serves the functions from Lambda's image, at port 3001, beside `make run` (PORT, SAM; needs Docker)
	@exec $(POSTERN) containers -- local/sam $(SAM)

# Package by package, because the functions in containers have one table.
.PHONY: sam-test
sam-test: program ## runs the behavior cases and the events against the functions in Lambda's image (SAM, TESTFLAGS; needs Docker)
	@exec $(POSTERN) rehearse -- go test -count=1 -p=1 -timeout=30m $(TESTFLAGS) ./local/server ./events

.PHONY: test
test: program ## runs all tests, with the servers that they need
	@local/setup validate
	@exec $(POSTERN) exec -- go test -timeout 30m $(RACE) $(TESTFLAGS) ./...

.PHONY: interop
interop: program ## tests SSH sessions, pushes and fetches through the real gitlab-sshd and Gitaly
	@local/setup interop
	@$(POSTERN) exec -- go test -tags interop -run RealPrograms $(TESTFLAGS) ./local/server

.PHONY: contract
contract: program ## tests a new system against infra/openapi.yaml with schemathesis (CONTRACT: its options)
	@exec local/schemathesis/run $(CONTRACT)

.PHONY: browser
browser: program ## tests the page at /docs in headless Chromium
	@go test -tags browser -run Browser $(TESTFLAGS) ./local/docs

.PHONY: bench
bench: program ## measures the functions and their floors, as a table
	@exec $(POSTERN) exec -- go run ./local/cmd/bench

# The folders whose wording has no errors (see .vale.ini). A folder stands for everything below it, until `.` replaces the list.
PLAIN := $(wildcard *.go local/*.go) \
	README.md \
	docs \
	events \
	functions/agents \
	functions/credentials \
	functions/directory \
	functions/gitaccess \
	functions/groupscim \
	functions/instance \
	functions/instancescim \
	functions/lfs \
	functions/postreceive \
	functions/rotation \
	functions/sshkeys \
	functions/starboard \
	infra \
	local/bridge \
	local/client \
	local/cloud \
	local/cmd \
	local/conformance \
	local/docs \
	local/gitaly \
	local/importer \
	local/invoke \
	local/restore \
	local/secretfile \
	local/server \
	local/settings \
	local/state \
	local/stream \
	shared/agent \
	shared/apitest \
	shared/auth \
	shared/config \
	shared/contract \
	shared/credential \
	shared/metrics \
	shared/policy \
	shared/requestlog \
	shared/scim \
	shared/secrets \
	shared/store/agents \
	shared/store/audit \
	shared/store/catalog \
	shared/store/credentials \
	shared/store/layout \
	shared/store/limits \
	shared/store/scimkeys \
	shared/storetest \
	shared/table \
	shared/trace

.PHONY: lint
lint: ## checks the form of the code and the wording of comments and documents
	@local/setup lint
	@files=$$(.cache/bin/gofumpt -l .); [ -z "$$files" ] || { echo "gofumpt would change:"; echo "$$files"; exit 1; }
	@.cache/bin/golangci-lint run ./...
	@.vale/check
	@.cache/bin/vale --minAlertLevel error $(PLAIN)

.PHONY: validate
validate: ## checks the templates: form and security
	@local/setup validate
	@AWS_DEFAULT_REGION=us-east-1 SAM_CLI_TELEMETRY=0 .cache/validate/bin/sam validate --lint
	@.cache/validate/bin/cfn-lint template.yaml infra/*.yaml
	@.cache/checkov/bin/checkov --config-file .checkov.yaml --file template.yaml $(filter-out infra/openapi.yaml,$(wildcard infra/*.yaml))

# SAM's makefile builder calls build-<LogicalId> with ARTIFACTS_DIR. `make build` builds all functions without SAM.
.PHONY: build
build: $(addprefix build-,$(FUNCTIONS)) ## builds every function into .cache/build (ARCH=arm64 or x86_64)

.PHONY: $(addprefix build-,$(FUNCTIONS))
build-GitAccessFunction: FAMILY := gitaccess
build-SSHKeysFunction: FAMILY := sshkeys
build-InstanceFunction: FAMILY := instance
build-HooksFunction: FAMILY := hooks
build-PostReceiveFunction: FAMILY := postreceive
build-DirectoryFunction: FAMILY := directory
build-RotationFunction: FAMILY := rotation
build-LFSFunction: FAMILY := lfs
build-CredentialsFunction: FAMILY := credentials
build-ErrorTrackingFunction: FAMILY := errortracking
build-StorageLimitsFunction: FAMILY := storagelimits
build-GroupSCIMFunction: FAMILY := groupscim
build-InstanceSCIMFunction: FAMILY := instancescim
build-AgentsFunction: FAMILY := agents
build-StarboardFunction: FAMILY := starboard

# grpcnotrace omits gRPC's pages for tracing. Their templates prevent the linker from removing unused code.
$(addprefix build-,$(FUNCTIONS)): build-%:
	@mkdir -p $(or $(ARTIFACTS_DIR),.cache/build/$*)
	CGO_ENABLED=0 GOOS=linux GOARCH=$(GOARCH_FOR) go build -trimpath -ldflags "$(LDFLAGS)" -tags lambda.norpc,grpcnotrace \
		-o $(or $(ARTIFACTS_DIR),.cache/build/$*)/bootstrap ./functions/$(FAMILY)/lambda

.PHONY: clean
clean: ## removes installed and built files
	rm -rf .cache .aws-sam
