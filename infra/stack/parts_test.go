package stack_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"postern/shared/auth"
	"postern/shared/credential"
)

// ours returns the functions of the template: logical id to name in the stack.
func (s *stack) ours(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for id, r := range s.Template.Resources {
		if r.Type == "AWS::Lambda::Function" {
			found[id] = s.IDs[id]
		}
	}
	if len(found) < 9 {
		t.Fatalf("functions %v", found)
	}
	return found
}

func (s *stack) testFunctions(t *testing.T) {
	for id, name := range s.ours(t) {
		f, there := s.Functions[name]
		if !there {
			t.Errorf("%s was not created", id)
			continue
		}
		told := f.Environment.Variables
		if table, reads := told["TABLE_NAME"]; reads && table != s.Table.TableName {
			t.Errorf("%s gets the table %q", id, table)
		}
		if queue, sends := told["FAILURES_QUEUE_URL"]; sends && queue != s.IDs["PostReceiveFailures"] {
			t.Errorf("%s gets the queue %q", id, queue)
		}
		own := s.Roles[strings.TrimSuffix(id, "Function")+"Role"].Arn
		if f.Role != own || own == "" {
			t.Errorf("%s has the role %s", id, f.Role)
		}
		if f.Runtime != "provided.al2023" {
			t.Errorf("%s runs on %s", id, f.Runtime)
		}
	}
}

func (s *stack) testMapping(t *testing.T) {
	if len(s.Mappings) != 1 {
		t.Fatalf("%d event sources", len(s.Mappings))
	}
	m := s.Mappings[0]
	if m.EventSourceArn != s.Table.LatestStreamArn || !strings.HasPrefix(m.FunctionArn, s.Functions[s.IDs["PostReceiveFunction"]].FunctionArn) {
		t.Errorf("%s feeds %s", m.EventSourceArn, m.FunctionArn)
	}
	if failed := m.DestinationConfig.OnFailure.Destination; failed != s.Queues[s.IDs["PostReceiveFailures"]]["QueueArn"] {
		t.Errorf("failures go to %q", failed)
	}
	if len(m.FilterCriteria.Filters) != 1 || !strings.Contains(m.FilterCriteria.Filters[0].Pattern, `"outbox#"`) {
		t.Errorf("filters %+v", m.FilterCriteria)
	}
}

func (s *stack) testQueues(t *testing.T) {
	if len(s.Queues) < 2 {
		t.Fatalf("queues %v", s.Queues)
	}
	for url, attributes := range s.Queues {
		if attributes["MessageRetentionPeriod"] != "1209600" || url == "" {
			t.Errorf("%s keeps messages for %s s, want 14 days", url, attributes["MessageRetentionPeriod"])
		}
	}
}

// testRoles checks resources only. The tests of roles in infra check actions.
func (s *stack) testRoles(t *testing.T) {
	for id, r := range s.Roles {
		for _, statement := range r.Trust.Statement {
			service := fmt.Sprint(statement.Principal["Service"])
			if strings.Contains(service, "*") || !strings.Contains(service, ".amazonaws.com") {
				t.Errorf("%s is assumed by %s", id, service)
			}
		}
		for _, p := range r.Policies {
			for _, statement := range p.Statement {
				on := fmt.Sprint(statement.Resource)
				if strings.Contains(fmt.Sprint(statement.Action), "dynamodb:") && on != s.Table.TableArn && on != s.Table.LatestStreamArn {
					t.Errorf("%s, %s: on %s, want the created table", id, statement.Sid, on)
				}
			}
		}
	}
}

func (s *stack) testSecrets(t *testing.T) {
	if key, err := auth.Shell.Key(s.Passwords["ShellSecret"]); err != nil || len(key) != 32 {
		t.Errorf("gitlab-shell's has %d characters: %v", len(key), err)
	}
	kas := s.Passwords["KasSecret"]
	stored, err := auth.KAS.StoredKey(kas)
	if file, fileErr := auth.KAS.Key(base64.StdEncoding.EncodeToString([]byte(kas))); err != nil || fileErr != nil || !bytes.Equal(stored, file) {
		t.Errorf("kas's secret differs from the key of its file: %v, %v", err, fileErr)
	}
	if _, err := credential.Key(s.Passwords["TokenSecret"]); err != nil {
		t.Errorf("secret of credentials: %v", err)
	}
}

// A release moves aliases, so permissions and event sources lead to an alias.
func (s *stack) testAliases(t *testing.T) {
	for id := range s.ours(t) {
		alias := s.Template.Resources[id+"Aliaslive"]
		if alias.UpdatePolicy["CodeDeployLambdaAliasUpdate"] == nil {
			t.Errorf("%s has no alias with a gradual release", id)
		}
	}
	for id, r := range s.Template.Resources {
		if id == "RotationPermission" {
			continue // Secrets Manager documents a rotation by a function's own ARN only
		}
		var callee string
		switch r.Type {
		case "AWS::Lambda::Permission", "AWS::Lambda::EventSourceMapping":
			callee = fmt.Sprint(r.Properties["FunctionName"])
		case "AWS::Lambda::EventInvokeConfig":
			callee = fmt.Sprint(r.Properties["Qualifier"])
		default:
			continue
		}
		if !strings.Contains(callee, "live") && !strings.Contains(callee, "Alias") {
			t.Errorf("%s (%s) leads to %s and not to an alias", id, r.Type, callee)
		}
	}
}
