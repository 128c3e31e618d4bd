package infra_test

import (
	"slices"
	"strings"
	"testing"
)

// statement is one statement of an IAM policy.
type statement struct {
	sid       string
	actions   []string
	resources []string // "Table.Arn" of !GetAtt, "ShellSecret" of !Ref, text of !Sub
	keys      []string // dynamodb:LeadingKeys
}

// roleOf returns the logical id of a function's role.
func (tpl template) roleOf(function string) string {
	return strings.TrimSuffix(text(tpl.resource(function), "Role", "Fn::GetAtt"), ".Arn")
}

// statements returns what a role may do: its own policies and those that are attached to it.
func (tpl template) statements(role string) []statement {
	var documents []any
	for _, policy := range list(tpl.resource(role), "Policies") {
		documents = append(documents, at(policy, "PolicyDocument"))
	}
	for _, id := range tpl.ofType("AWS::IAM::RolePolicy") {
		if text(tpl.resource(id), "RoleName", "Ref") == role {
			documents = append(documents, at(tpl.resource(id), "PolicyDocument"))
		}
	}
	var all []statement
	for _, document := range documents {
		for _, s := range list(document, "Statement") {
			all = append(all, newStatement(s))
		}
	}
	return all
}

func newStatement(s any) statement {
	made := statement{
		sid:     text(s, "Sid"),
		actions: texts(s, "Action"),
		keys:    texts(s, "Condition", "ForAllValues:StringLike", "dynamodb:LeadingKeys"),
	}
	for _, resource := range list(s, "Resource") {
		name := ""
		walk([]any{object{"": resource}}, func(_ string, v any) {
			if s, ok := v.(string); ok {
				name = s
			}
		})
		made.resources = append(made.resources, name)
	}
	return made
}

func TestEachFunctionHasARoleOfItsOwn(t *testing.T) {
	tpl := read(t, "template.yaml")
	owner := map[string]string{}
	for _, function := range tpl.functions() {
		role := tpl.roleOf(function)
		if other, taken := owner[role]; taken || role == "" {
			t.Errorf("%s has the role %q, which %q has too", function, role, other)
		}
		owner[role] = function
		if len(tpl.statements(role)) == 0 {
			t.Errorf("%s: no statements found", role)
		}
		if properties := tpl.resource(function); at(properties, "Policies") != nil {
			t.Errorf("%s has policies beside its role", function)
		}
	}
}

func TestRolesNeverScanAndNameWhatTheyReach(t *testing.T) {
	tpl := read(t, "template.yaml")
	for _, function := range tpl.functions() {
		for _, s := range tpl.statements(tpl.roleOf(function)) {
			for _, action := range s.actions {
				if strings.Contains(action, "*") || strings.Contains(action, "Scan") || strings.Contains(action, "PartiQL") {
					t.Errorf("%s, %s: may %s", function, s.sid, action)
				}
			}
			for _, resource := range s.resources {
				if resource == "" || resource == "*" || strings.HasSuffix(resource, ":*") {
					t.Errorf("%s, %s: reaches %q", function, s.sid, resource)
				}
			}
		}
	}
}

// TestManagedPoliciesAreOnlyForTracing: what AWS manages grants on every resource, and X-Ray knows no resources.
func TestManagedPoliciesAreOnlyForTracing(t *testing.T) {
	tpl := read(t, "template.yaml")
	for _, function := range tpl.functions() {
		managed := at(tpl.resource(tpl.roleOf(function)), "ManagedPolicyArns")
		branches := list(managed, "Fn::If")
		if len(branches) != 3 || branches[0] != "IsTraced" || text(branches[2], "Ref") != "AWS::NoValue" {
			t.Errorf("%s: managed policies %v are not only for tracing", function, managed)
			continue
		}
		for _, policy := range branches[1].([]any) {
			if !strings.HasSuffix(text(policy, "Fn::Sub"), "/AWSXRayDaemonWriteAccess") {
				t.Errorf("%s: managed policy %v", function, policy)
			}
		}
	}
}

func TestRolesReachTheTableByLeadingKeys(t *testing.T) {
	tpl := read(t, "template.yaml")
	for _, function := range tpl.functions() {
		for _, s := range tpl.statements(tpl.roleOf(function)) {
			onTable := slices.ContainsFunc(s.actions, func(a string) bool { return strings.HasPrefix(a, "dynamodb:") })
			switch {
			case !onTable:
			case !slices.Equal(s.resources, []string{"Table.Arn"}):
				t.Errorf("%s, %s: reaches %q", function, s.sid, s.resources)
			case function != "DirectoryFunction" && len(s.keys) == 0:
				t.Errorf("%s, %s: every key of the table", function, s.sid)
			case slices.Contains(s.keys, "*"):
				t.Errorf("%s, %s: the key * is every key", function, s.sid)
			}
		}
	}
}

func TestRolesReadOnlyTheSecretOfTheirCallers(t *testing.T) {
	tpl := read(t, "template.yaml")
	for _, function := range tpl.functions() {
		var reads []string
		for _, s := range tpl.statements(tpl.roleOf(function)) {
			for _, action := range s.actions {
				if strings.HasPrefix(action, "secretsmanager:") {
					reads = append(reads, s.resources...)
					equal(t, function+": actions on the secret", s.actions, []string{"secretsmanager:GetSecretValue"})
				}
			}
		}
		var told []string
		for name, value := range tpl.environment(function) {
			if strings.HasSuffix(name, "_SECRET_ID") {
				told = append(told, text(value, "Ref"))
			}
		}
		equal(t, function+": readable secrets and those it is told of", reads, told)
	}
}

func TestRolesWriteOnlyTheirOwnLog(t *testing.T) {
	tpl := read(t, "template.yaml")
	for _, function := range tpl.functions() {
		group := text(tpl.resource(function), "LoggingConfig", "LogGroup", "Ref")
		if at(tpl.resource(group), "RetentionInDays", "Ref") != "LogRetentionDays" {
			t.Errorf("%s: log group %q keeps logs for ever", function, group)
		}
		for _, s := range tpl.statements(tpl.roleOf(function)) {
			if strings.HasPrefix(s.actions[0], "logs:") {
				equal(t, function+": log groups", s.resources, []string{group + ".Arn"})
				equal(t, function+": on logs", s.actions, []string{"logs:CreateLogStream", "logs:PutLogEvents"})
			}
		}
	}
}
