// Package stack_test deploys the templates to moto, as `sam deploy` deploys them to AWS, and holds what comes of it against
// what the code expects. It asks no cloud.
package stack_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"postern/shared/storetest/definition"
)

const root = "../.."

// resource is one of a template's.
type resource struct {
	Type           string
	Condition      string
	Properties     map[string]any
	DeletionPolicy string
	UpdatePolicy   map[string]any
}

// stack is what has come of a deployment: the transformed template and, by service, what moto says it has made.
type stack struct {
	Status    string
	Template  struct{ Resources map[string]resource }
	Passwords map[string]string
	IDs       map[string]string
	Table     struct {
		TableName, TableArn, LatestStreamArn string
		KeySchema                            []struct{ AttributeName, KeyType string }
		StreamSpecification                  struct{ StreamViewType string }
		BillingModeSummary                   struct{ BillingMode string }
		DeletionProtectionEnabled            bool
	}
	Functions map[string]struct {
		FunctionArn, Role, Runtime string
		Environment                struct{ Variables map[string]string }
	}
	Mappings []struct {
		EventSourceArn, FunctionArn string
		DestinationConfig           struct{ OnFailure struct{ Destination string } }
		FilterCriteria              struct{ Filters []struct{ Pattern string } }
	}
	Queues map[string]map[string]string
	Roles  map[string]struct {
		Arn      string
		Trust    document
		Policies []document
	}
}

// document is a policy.
type document struct {
	Statement []struct {
		Effect, Sid      string
		Action, Resource any
		Principal        map[string]any
	}
}

// deploy deploys with the parameters of an environment of samconfig.toml, and others.
func deploy(t *testing.T, name string, parameters ...string) *stack {
	t.Helper()
	folder := t.TempDir()
	for _, file := range []string{"template.yaml", "infra/edge.yaml", "infra/observability.yaml"} {
		content, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		copied := filepath.Join(folder, file)
		if err := os.MkdirAll(filepath.Dir(copied), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(copied, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	python := filepath.Join(root, ".cache", "validate", "bin", "python")
	cmd := exec.CommandContext(t.Context(), python, append([]string{"deploy.py", folder, name}, parameters...)...)
	cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_DEFAULT_REGION=us-east-1",
		"SAM_CLI_TELEMETRY=0", "PYTHONDONTWRITEBYTECODE=1")
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v (is `make validate` set up?)\n%s", err, &log)
	}
	s := &stack{}
	if err := json.Unmarshal(out, s); err != nil {
		t.Fatal(err)
	}
	return s
}

// overrides are the parameters that an environment of samconfig.toml gives.
func overrides(t *testing.T, environment string) []string {
	t.Helper()
	config, err := os.ReadFile(filepath.Join(root, "samconfig.toml"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(config), "\n["+environment+".deploy.parameters]\n")
	given := regexp.MustCompile(`(?m)^parameter_overrides = "(.*)"$`).FindStringSubmatch(section)
	if !found || given == nil {
		t.Fatalf("samconfig.toml has no parameters for %s", environment)
	}
	return strings.Fields(given[1])
}

func TestAFirstDeployment(t *testing.T) {
	for _, environment := range []string{"dev", "prod"} {
		t.Run(environment, func(t *testing.T) {
			s := deploy(t, "postern-"+environment, overrides(t, environment)...)
			if s.Status != "CREATE_COMPLETE" {
				t.Fatalf("status %s", s.Status)
			}
			t.Run("makes everything", s.testComplete)
			t.Run("the table is that of the store", s.testTable)
			t.Run("functions are told of what was made", s.testFunctions)
			t.Run("the worker is fed from the stream", s.testMapping)
			t.Run("queues keep what failed", s.testQueues)
			t.Run("roles open what was made", s.testRoles)
			t.Run("secrets are made too", s.testSecrets)
			t.Run("callers reach aliases", s.testAliases)
		})
	}
}

// Types that moto's CloudFormation cannot create. They are looked at in the transformed template, here and in infra.
var unmade = []string{
	"AWS::ApiGateway::Account", "AWS::ApiGateway::Deployment", "AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Api",
	"AWS::ApiGatewayV2::Stage", "AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup", "AWS::IAM::ManagedPolicy",
	"AWS::IAM::RolePolicy", "AWS::Lambda::Alias", "AWS::Lambda::EventInvokeConfig", "AWS::S3::BucketPolicy",
	"AWS::SecretsManager::Secret",
}

// testComplete leaves out what depends on a condition.
func (s *stack) testComplete(t *testing.T) {
	for id, r := range s.Template.Resources {
		if _, made := s.IDs[id]; !made && r.Condition == "" && !slices.Contains(unmade, r.Type) {
			t.Errorf("%s (%s) was not made", id, r.Type)
		}
	}
	if len(s.Template.Resources) > 450 { // CloudFormation takes 500
		t.Errorf("%d resources in one stack", len(s.Template.Resources))
	}
}

func (s *stack) testTable(t *testing.T) {
	d, err := definition.Read(filepath.Join(root, definition.Template))
	if err != nil {
		t.Fatal(err)
	}
	want := d.Input(s.Table.TableName)
	for i, part := range want.KeySchema {
		if i >= len(s.Table.KeySchema) || s.Table.KeySchema[i].AttributeName != aws.ToString(part.AttributeName) {
			t.Errorf("keys %+v, want %s as number %d", s.Table.KeySchema, aws.ToString(part.AttributeName), i+1)
		}
	}
	if s.Table.BillingModeSummary.BillingMode != string(want.BillingMode) || !s.Table.DeletionProtectionEnabled ||
		s.Table.StreamSpecification.StreamViewType != string(want.StreamSpecification.StreamViewType) {
		t.Errorf("table %+v", s.Table)
	}
	if r := s.Template.Resources["Table"]; r.DeletionPolicy != "Retain" {
		t.Errorf("the table goes with its stack: %s", r.DeletionPolicy)
	}
}
