package infra_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"postern/functions/rotation"
	"postern/shared/secrets/secretstest"
)

// permitted is a Secrets Manager that enforces RotationRole.
type permitted struct {
	rotation.Secrets
	t       *testing.T
	granted []statement
	used    map[string]bool
}

func (p *permitted) check(action, id string) {
	p.t.Helper()
	action = "secretsmanager:" + action
	for _, s := range p.granted {
		if slices.Contains(s.actions, action) && strings.HasPrefix(id, "arn:") {
			p.used[action] = true
			return
		}
	}
	p.t.Errorf("RotationRole grants no %s on %s", action, id)
}

func (p *permitted) DescribeSecret(
	ctx context.Context, in *secretsmanager.DescribeSecretInput, o ...func(*secretsmanager.Options),
) (*secretsmanager.DescribeSecretOutput, error) {
	p.check("DescribeSecret", *in.SecretId)
	return p.Secrets.DescribeSecret(ctx, in, o...)
}

func (p *permitted) GetSecretValue(
	ctx context.Context, in *secretsmanager.GetSecretValueInput, o ...func(*secretsmanager.Options),
) (*secretsmanager.GetSecretValueOutput, error) {
	p.check("GetSecretValue", *in.SecretId)
	return p.Secrets.GetSecretValue(ctx, in, o...)
}

func (p *permitted) PutSecretValue(
	ctx context.Context, in *secretsmanager.PutSecretValueInput, o ...func(*secretsmanager.Options),
) (*secretsmanager.PutSecretValueOutput, error) {
	p.check("PutSecretValue", *in.SecretId)
	return p.Secrets.PutSecretValue(ctx, in, o...)
}

func (p *permitted) UpdateSecretVersionStage(
	ctx context.Context, in *secretsmanager.UpdateSecretVersionStageInput, o ...func(*secretsmanager.Options),
) (*secretsmanager.UpdateSecretVersionStageOutput, error) {
	p.check("UpdateSecretVersionStage", *in.SecretId)
	return p.Secrets.UpdateSecretVersionStage(ctx, in, o...)
}

// rotating is the rotation function with two secrets and its role.
type rotating struct {
	lambda.Handler
	api  *permitted
	sent *outside
	id   string // id of gitlab-shell's secret
}

func newRotation(t *testing.T, logger *slog.Logger) *rotating {
	t.Helper()
	sm, ids := secretstest.Client(t), []string{}
	for _, text := range []string{"first", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="} {
		name := "test/" + rand.Text()
		out, err := sm.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: &name, SecretString: &text})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, *out.ARN)
	}
	r := &rotating{id: ids[0], sent: &outside{}, api: &permitted{
		Secrets: sm, t: t, granted: read(t, "template.yaml").statements("RotationRole"), used: map[string]bool{},
	}}
	r.Handler = rotation.New(rotation.Deps{
		Secrets: r.api, Shell: ids[0], KAS: ids[1], HandOver: time.Hour, Events: r.sent, Bus: "bus",
		Logger: logger, Metrics: "Postern/live", Now: time.Now, Random: rand.Reader,
	})
	return r
}

func (r *rotating) invoke(t *testing.T, event string) (string, error) {
	t.Helper()
	answer, err := r.Invoke(t.Context(), []byte(event))
	return string(answer), err
}

// step sends one of the steps of Secrets Manager, for gitlab-shell's secret.
func (r *rotating) step(t *testing.T, name, version string) {
	t.Helper()
	event, err := json.Marshal(map[string]string{"Step": name, "SecretId": r.id, "ClientRequestToken": version})
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := r.invoke(t, string(event)); err != nil {
		t.Fatalf("%s: %s, %v", name, answer, err)
	}
}

const version = "00000000-0000-0000-0000-000000000001"

func TestRotationRoleGrantsOnlyUsedActions(t *testing.T) {
	r := newRotation(t, slog.New(slog.DiscardHandler))
	for _, name := range []string{"createSecret", "setSecret", "testSecret", "finishSecret"} {
		r.step(t, name, version)
	}
	answer, err := r.invoke(t, `{"confirm":"shell","version":"`+version+`"}`)
	if err != nil || !strings.Contains(answer, `"turned"`) {
		t.Errorf("%s, %v", answer, err)
	}
	equal(t, "sources of events", slices.Compact(r.sent.sources), []string{"postern"})
	for _, s := range r.api.granted {
		switch s.sid {
		case "Log":
		case "Publish":
			equal(t, "on the bus", s.actions, []string{"events:PutEvents"})
		default:
			equal(t, "secrets", s.resources, []string{"ShellSecret", "KasSecret"})
			for _, action := range s.actions {
				if !r.api.used[action] {
					t.Errorf("RotationRole has the unused grant %s", action)
				}
			}
		}
	}
}

// A schedule exists only if its parameter is set. Its function is the one that Secrets Manager may invoke.
func TestSchedulesRotateTheirSecrets(t *testing.T) {
	tpl := read(t, "template.yaml")
	for id, want := range map[string][2]string{
		"ShellRotation": {"ShellSecret", "ShellRotationDays"}, "KasRotation": {"KasSecret", "KasRotationDays"},
	} {
		p := tpl.resource(id)
		if text(p, "SecretId", "Ref") != want[0] || text(p, "RotationRules", "AutomaticallyAfterDays", "Ref") != want[1] {
			t.Errorf("%s rotates %v after %v", id, at(p, "SecretId"), at(p, "RotationRules"))
		}
		if text(p, "RotationLambdaARN", "Fn::GetAtt") != "RotationFunction.Arn" || at(p, "RotateImmediatelyOnUpdate") != false {
			t.Errorf("%s: %v", id, p)
		}
		never := list(tpl.root, "Conditions", text(tpl.root, "Resources", id, "Condition"), "Fn::Not")
		if len(never) != 1 || text(list(never[0], "Fn::Equals")[0], "Ref") != want[1] || at(tpl.root, "Parameters", want[1], "Default") != 0 {
			t.Errorf("%s has the condition %v", id, never)
		}
	}
	permission := tpl.resource("RotationPermission")
	if text(permission, "FunctionName", "Ref") != "RotationFunction" || text(permission, "Principal") != "secretsmanager.amazonaws.com" ||
		text(permission, "SourceAccount", "Ref") != "AWS::AccountId" {
		t.Errorf("permission %v", permission)
	}
}

// The schedule runs at least once in the shortest hand-over.
func TestRotationScheduleFitsTheShortestHandOver(t *testing.T) {
	tpl := read(t, "template.yaml")
	event := at(tpl.resource("RotationFunction"), "Events", "HandOver")
	if text(event, "Type") != "Schedule" || text(event, "Properties", "Schedule") != "rate(1 hour)" {
		t.Errorf("%v", event)
	}
	if got := at(tpl.root, "Parameters", "HandOverHours", "MinValue"); got != 1 {
		t.Errorf("a hand-over of %v hours is allowed", got)
	}
}

// The rule matches the events of this function, on its bus.
func TestRotationNoticesReachTheTopic(t *testing.T) {
	rule := read(t, "template.yaml").resource("RotationNotices")
	equal(t, "sources", texts(rule, "EventPattern", "source"), []string{rotation.Source})
	equal(t, "kinds", texts(rule, "EventPattern", "detail-type"), []string{rotation.DetailType})
	targets := list(rule, "Targets")
	if text(rule, "EventBusName", "Ref") != "EventBusName" || len(targets) != 1 || text(targets[0], "Arn", "Ref") != "AlarmTopicArn" {
		t.Errorf("rule %v", rule)
	}
}
