package infra_test

import (
	"fmt"
	"maps"
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

// statements returns the statements of a role: of its own policies and of attached ones.
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
			t.Errorf("%s shares the role %q with %q", function, role, other)
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

func TestRolesNeverScanAndNameTheirResources(t *testing.T) {
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

// managed returns the managed policies of a role, each with its condition.
func (tpl template) managed(role string) map[string]string {
	found := map[string]string{}
	policies := at(tpl.resource(role), "ManagedPolicyArns")
	for _, policy := range list(policies) {
		branches := list(policy, "Fn::If")
		if len(branches) != 3 || text(branches[2], "Ref") != "AWS::NoValue" {
			found["always"] = fmt.Sprint(policy)
			continue
		}
		for _, arn := range list(branches[1]) {
			found[text(arn, "Fn::Sub")+text(arn, "Ref")] = branches[0].(string)
		}
	}
	return found
}

// Managed policies grant on every resource, because AWS allows their actions on no other. They exist only while needed.
func TestManagedPoliciesAreOnlyForTracingAndTheNetwork(t *testing.T) {
	tpl := read(t, "template.yaml")
	for _, function := range tpl.functions() {
		want := map[string]string{"arn:${AWS::Partition}:iam::aws:policy/AWSXRayDaemonWriteAccess": "IsTraced"}
		if at(tpl.resource(function), "VpcConfig") != nil {
			want["NetworkPolicy"] = "IsInVpc"
		}
		if got := tpl.managed(tpl.roleOf(function)); !maps.Equal(got, want) {
			t.Errorf("%s: managed policies %v, want %v", function, got, want)
		}
	}
}

func TestRolesAreLimitedToLeadingKeys(t *testing.T) {
	tpl := read(t, "template.yaml")
	for _, function := range tpl.functions() {
		for _, s := range tpl.statements(tpl.roleOf(function)) {
			onTable := slices.ContainsFunc(s.actions, func(a string) bool { return strings.HasPrefix(a, "dynamodb:") })
			switch {
			case !onTable || slices.Equal(s.resources, []string{"Table.StreamArn"}):
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

func TestRolesReadOnlyTheSecretsOfTheirVariables(t *testing.T) {
	tpl := read(t, "template.yaml")
	for _, function := range tpl.functions() {
		var reads []string
		for _, s := range tpl.statements(tpl.roleOf(function)) {
			for _, action := range s.actions {
				if strings.HasPrefix(action, "secretsmanager:") {
					reads = append(reads, s.resources...)
					if function == "RotationFunction" {
						continue // tested with the rotation
					}
					equal(t, function+": actions on the secret", s.actions, []string{"secretsmanager:GetSecretValue"})
				}
			}
		}
		var variables []string
		for name, value := range tpl.environment(function) {
			if strings.HasSuffix(name, "_SECRET_ID") {
				variables = append(variables, text(value, "Ref"))
			}
		}
		slices.Sort(reads)
		equal(t, function+": readable secrets and those in its variables", slices.Compact(reads), variables)
	}
}

// On the bus the worker is limited to the source "postern".
func TestWorkerIsLimitedToOneBusQueueAndStream(t *testing.T) {
	tpl := read(t, "template.yaml")
	reached := map[string][]string{}
	for _, s := range tpl.statements("PostReceiveRole") {
		for _, action := range s.actions {
			if service, _, _ := strings.Cut(action, ":"); service != "dynamodb" && service != "logs" || s.sid == "Stream" {
				reached[action] = append(reached[action], s.resources...)
			}
		}
	}
	const bus = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/${EventBusName}"
	want := map[string][]string{
		"events:PutEvents": {bus}, "sqs:SendMessage": {"PostReceiveFailures.Arn"},
		"dynamodb:DescribeStream": {"Table.StreamArn"}, "dynamodb:GetRecords": {"Table.StreamArn"},
		"dynamodb:GetShardIterator": {"Table.StreamArn"}, "dynamodb:ListStreams": {"Table.StreamArn"},
	}
	if !maps.EqualFunc(reached, want, slices.Equal) {
		t.Errorf("reaches %v, want %v", reached, want)
	}
	for _, policy := range list(tpl.resource("PostReceiveRole"), "Policies") {
		for _, s := range list(policy, "PolicyDocument", "Statement") {
			if slices.Contains(texts(s, "Action"), "events:PutEvents") && text(s, "Condition", "StringEquals", "events:source") != "postern" {
				t.Error("events may come from any source")
			}
		}
	}
}

func TestRolesWriteOnlyTheirOwnLog(t *testing.T) {
	tpl := read(t, "template.yaml")
	for _, function := range tpl.functions() {
		group := text(tpl.resource(function), "LoggingConfig", "LogGroup", "Ref")
		if at(tpl.resource(group), "RetentionInDays", "Ref") != "LogRetentionDays" {
			t.Errorf("%s: log group %q never deletes its logs", function, group)
		}
		for _, s := range tpl.statements(tpl.roleOf(function)) {
			if strings.HasPrefix(s.actions[0], "logs:") {
				equal(t, function+": log groups", s.resources, []string{group + ".Arn"})
				equal(t, function+": on logs", s.actions, []string{"logs:CreateLogStream", "logs:PutLogEvents"})
			}
		}
	}
}
