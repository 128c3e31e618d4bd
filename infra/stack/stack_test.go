// Package stack_test deploys the templates to moto, as `sam deploy` deploys them to AWS, and compares the stack with the code. It
// needs no cloud.
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

// resource is a resource of a template.
type resource struct {
	Type           string
	Condition      string
	Properties     map[string]any
	DeletionPolicy string
	UpdatePolicy   map[string]any
}

// stack is a finished deployment: the transformed template and moto's resources by service.
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

type document struct {
	Statement []struct {
		Effect, Sid      string
		Action, Resource any
		Principal        map[string]any
	}
}

// deploy deploys with the parameters of an environment in samconfig.toml and with more parameters.
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

// overrides returns the parameters of an environment in samconfig.toml.
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

func TestFirstDeployment(t *testing.T) {
	for _, environment := range []string{"dev", "prod"} {
		t.Run(environment, func(t *testing.T) {
			s := deploy(t, "postern-"+environment, overrides(t, environment)...)
			if s.Status != "CREATE_COMPLETE" {
				t.Fatalf("status %s", s.Status)
			}
			t.Run("all resources exist", s.testComplete)
			t.Run("the table has the store's schema", s.testTable)
			t.Run("functions get the created resources", s.testFunctions)
			t.Run("the worker reads the stream", s.testMapping)
			t.Run("queues retain messages", s.testQueues)
			t.Run("roles name the created table", s.testRoles)
			t.Run("secrets have usable keys", s.testSecrets)
			t.Run("callers use aliases", s.testAliases)
		})
	}
}

// Types that moto's CloudFormation cannot create. Tests read them in the transformed template, here and in infra.
var unmade = []string{
	"AWS::ApiGateway::Account", "AWS::ApiGateway::Deployment", "AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Api",
	"AWS::ApiGatewayV2::Stage", "AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup", "AWS::IAM::ManagedPolicy",
	"AWS::IAM::RolePolicy", "AWS::Lambda::Alias", "AWS::Lambda::EventInvokeConfig", "AWS::S3::BucketPolicy",
	"AWS::SecretsManager::Secret",
}

// testComplete skips resources with a condition.
func (s *stack) testComplete(t *testing.T) {
	for id, r := range s.Template.Resources {
		if _, made := s.IDs[id]; !made && r.Condition == "" && !slices.Contains(unmade, r.Type) {
			t.Errorf("%s (%s) was not created", id, r.Type)
		}
	}
	if len(s.Template.Resources) > 450 { // CloudFormation's limit is 500
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
			t.Errorf("keys %+v, want %s at position %d", s.Table.KeySchema, aws.ToString(part.AttributeName), i+1)
		}
	}
	if s.Table.BillingModeSummary.BillingMode != string(want.BillingMode) || !s.Table.DeletionProtectionEnabled ||
		s.Table.StreamSpecification.StreamViewType != string(want.StreamSpecification.StreamViewType) {
		t.Errorf("table %+v", s.Table)
	}
	if r := s.Template.Resources["Table"]; r.DeletionPolicy != "Retain" {
		t.Errorf("the table's deletion policy is %q", r.DeletionPolicy)
	}
}
