package rotation_test

import (
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"postern/shared/metrics/metricstest"
)

const token = "00000000-0000-0000-0000-000000000001"

// Secrets Manager repeats a step after a lost answer.
func TestStepsAreRepeatable(t *testing.T) {
	i := install(t)
	id := i.ids["shell"]
	text := ""
	for _, row := range []struct{ step, first, again string }{
		{"createSecret", "made", "done"},
		{"setSecret", "announced", "announced"},
		{"testSecret", "tested", "tested"},
		{"finishSecret", "waiting", "waiting"},
	} {
		for _, want := range []string{row.first, row.again} {
			if got, err := i.invoke(step(row.step, id, token)); got != want || err != nil {
				t.Errorf("%s: %s, %v; want %s", row.step, got, err, want)
			}
		}
		if text == "" {
			text = i.text("shell", token)
		}
	}
	i.turn(handOver)
	for _, want := range []string{"turned", "done"} {
		if got, err := i.invoke(step("finishSecret", id, token)); got != want || err != nil {
			t.Errorf("due: %s, %v; want %s", got, err, want)
		}
	}
	for _, late := range []string{"createSecret", "setSecret", "finishSecret"} {
		if got, err := i.invoke(step(late, id, token)); got != "done" || err != nil {
			t.Errorf("%s of the current version: %s, %v", late, got, err)
		}
	}
	if got := i.text("shell", token); got != text {
		t.Errorf("the text has changed")
	}
}

func TestInvalidEventIsRejected(t *testing.T) {
	i := install(t)
	shell := i.ids["shell"]
	rows := []struct {
		name  string
		event any
		want  string
	}{
		{"an unknown step", step("eraseSecret", shell, token), "neither a step"},
		{"an empty event", map[string]string{}, "neither a step"},
		{"a list", []string{}, "neither a step"},
		{"another source", map[string]string{"source": "aws.s3"}, "neither a step"},
		{"another secret", step("createSecret", "arn:other", token), "unknown secret"},
		{"a secret without a name", step("createSecret", "", token), "unknown secret"},
		{"a confirmation of another secret", confirm("gitaly", token), "unknown secret"},
		{"a confirmation of an unknown version", confirm("shell", token), "no such version"},
		{"a confirmation without a version", confirm("shell", ""), "no such version"},
		{"an announcement before the creation", step("setSecret", shell, token), "no such version"},
		{"a test before the creation", step("testSecret", shell, token), "no such version"},
		{"an activation before the creation", step("finishSecret", shell, token), "no such version"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got, err := i.invoke(row.event)
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("%s, %v; want %q", got, err, row.want)
			}
		})
	}
	if got := i.labels("shell"); len(got) != 1 {
		t.Errorf("labels %v", got)
	}
}

func TestConfirmActivatesVersion(t *testing.T) {
	i := install(t)
	original := i.labels("shell")["AWSCURRENT"]
	version := i.rotate("shell")
	rows := []struct{ name, version, want, current string }{
		{"the current version beside a pending one", original, "confirmed", original},
		{"the pending version", version, "turned", version},
		{"the same version again", version, "confirmed", version},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got, err := i.invoke(confirm("shell", row.version))
			labels := i.labels("shell")
			if got != row.want || err != nil || labels["HANDEDOVER"] != row.version || labels["AWSCURRENT"] != row.current {
				t.Errorf("%s, %v; labels %v", got, err, labels)
			}
		})
	}
	if _, err := i.invoke(confirm("shell", original)); err == nil {
		t.Error("a previous version is confirmed")
	}
}

// A malformed version never becomes the current one.
func TestMalformedVersionIsNotActivated(t *testing.T) {
	i := install(t)
	id, text, version := i.ids["kas"], "not base64 of 32 bytes", token
	_, err := i.sm.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{
		SecretId: &id, ClientRequestToken: &version, SecretString: &text, VersionStages: []string{"AWSPENDING"},
	})
	if err != nil {
		t.Fatal(err)
	}
	i.turn(handOver)
	for _, s := range []string{"testSecret", "finishSecret"} {
		if got, err := i.invoke(step(s, id, version)); err == nil || strings.Contains(err.Error(), text) {
			t.Errorf("%s: %s, %v", s, got, err)
		}
	}
	if _, err := i.invoke(confirm("kas", version)); err == nil || i.labels("kas")["AWSCURRENT"] == version {
		t.Errorf("confirmed: %v, labels %v", err, i.labels("kas"))
	}
	if strings.Contains(i.log.String(), text) {
		t.Errorf("log: %s", i.log)
	}
}

// kas's secret has no version at first. Its first rotation creates one.
func TestFirstVersionIsActivatedAtOnce(t *testing.T) {
	i := install(t)
	name := "test/" + rand.Text()
	out, err := i.sm.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: &name})
	if err != nil {
		t.Fatal(err)
	}
	i.ids["kas"] = *out.ARN
	i.newFunction()
	version := i.rotate("kas")
	if got := i.labels("kas"); got["AWSCURRENT"] != version {
		t.Errorf("labels %v", got)
	}
	if !i.server("kas").accepts(t, i.text("kas", version)) {
		t.Error("the first version is rejected")
	}
}

func TestNoticesHaveTimesAndNoSecret(t *testing.T) {
	i := install(t)
	version := i.rotate("shell")
	text := i.text("shell", version)
	i.turn(handOver)
	i.scheduled()
	if len(i.calls.notices) != 2 {
		t.Fatalf("notices %q", i.calls.notices)
	}
	for n, phase := range []string{"pending", "current"} {
		var got struct {
			Secret, Phase string
			SecretID      string    `json:"secret_id"`
			VersionID     string    `json:"version_id"`
			UseFrom       time.Time `json:"use_from"`
			CurrentFrom   time.Time `json:"current_from"`
		}
		if err := json.Unmarshal([]byte(i.calls.notices[n]), &got); err != nil {
			t.Fatal(err)
		}
		if got.Secret != "shell" || got.SecretID != i.ids["shell"] || got.VersionID != version || got.Phase != phase {
			t.Errorf("notice %+v", got)
		}
		if wait := got.CurrentFrom.Sub(got.UseFrom); phase == "pending" && wait != handOver-16*time.Minute {
			t.Errorf("usable for %v before its activation", wait)
		}
	}
	if all := strings.Join(i.calls.notices, "") + i.log.String(); strings.Contains(all, text) || strings.Contains(all, "first") {
		t.Error("a notice or the log contains a secret")
	}
}

// The schedule counts the time for which a version has been held. Without a pending version it counts nothing.
func TestScheduleCountsOverdue(t *testing.T) {
	i := install(t)
	i.rotate("shell")
	i.turn(handOver)
	i.scheduled()
	i.rotate("shell")
	i.turn(handOver + 36*time.Hour)
	i.log.Reset()
	if got := i.scheduled(); got != "held,done" {
		t.Fatalf("outcomes %s", got)
	}
	hours := map[string]float64{}
	for line := range strings.Lines(i.log.String()) {
		for _, d := range metricstest.Read(t, []byte(line)) {
			if d.Dimensions["secret"] != "" {
				hours[d.Dimensions["secret"]] = d.Value / 3600
			}
		}
	}
	if len(hours) != 1 || hours["shell"] < 35.9 || hours["shell"] > 36.1 {
		t.Errorf("overdue for %v hours", hours)
	}
}
