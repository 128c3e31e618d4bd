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

// Secrets Manager asks for a step again when it did not hear the answer.
func TestStepsMayBeRepeated(t *testing.T) {
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
			t.Errorf("when it is due: %s, %v; want %s", got, err, want)
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

func TestEventsThatCannotBeAnswered(t *testing.T) {
	i := install(t)
	shell := i.ids["shell"]
	rows := []struct {
		name  string
		event any
		want  string
	}{
		{"an unknown step", step("eraseSecret", shell, token), "no step"},
		{"nothing", map[string]string{}, "no step"},
		{"a list", []string{}, "no step"},
		{"another source", map[string]string{"source": "aws.s3"}, "no step"},
		{"a secret that is not ours", step("createSecret", "arn:other", token), "no secret of this function"},
		{"a secret without a name", step("createSecret", "", token), "no secret of this function"},
		{"a confirmation for nobody", confirm("gitaly", token), "no secret of this function"},
		{"a confirmation of an unknown version", confirm("shell", token), "no such version"},
		{"a confirmation of no version", confirm("shell", ""), "no such version"},
		{"an announcement before the version", step("setSecret", shell, token), "no such version"},
		{"a test before the version", step("testSecret", shell, token), "no such version"},
		{"an end before the version", step("finishSecret", shell, token), "no such version"},
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

func TestConfirm(t *testing.T) {
	i := install(t)
	original := i.labels("shell")["AWSCURRENT"]
	version := i.rotate("shell")
	rows := []struct{ name, version, want, current string }{
		{"the current version, beside one that is pending", original, "confirmed", original},
		{"the pending version, which becomes the current one", version, "turned", version},
		{"the same again", version, "confirmed", version},
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
		t.Error("a version that clients should have left is confirmed")
	}
}

// A version that lets nobody in is never the current one.
func TestAVersionThatIsNoKeyGoesNoFurther(t *testing.T) {
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

// kas's secret has no text when it is made: the first rotation gives it one.
func TestTheFirstTextIsTheCurrentOneAtOnce(t *testing.T) {
	i := install(t)
	name := "test/" + rand.Text()
	out, err := i.sm.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: &name})
	if err != nil {
		t.Fatal(err)
	}
	i.ids["kas"] = *out.ARN
	i.over()
	version := i.rotate("kas")
	if got := i.labels("kas"); got["AWSCURRENT"] != version {
		t.Errorf("labels %v", got)
	}
	if !i.server("kas").lets(t, i.text("kas", version)) {
		t.Error("its holder is turned away")
	}
}

func TestNoticesSayWhenAndNeverWhat(t *testing.T) {
	i := install(t)
	version := i.rotate("shell")
	text := i.text("shell", version)
	i.turn(handOver)
	i.scheduled()
	if len(i.calls.notices) != 2 {
		t.Fatalf("told %q", i.calls.notices)
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
			t.Errorf("told %+v", got)
		}
		if wait := got.CurrentFrom.Sub(got.UseFrom); phase == "pending" && wait != handOver-16*time.Minute {
			t.Errorf("usable for %v before it is the current one", wait)
		}
	}
	if all := strings.Join(i.calls.notices, "") + i.log.String(); strings.Contains(all, text) || strings.Contains(all, "first") {
		t.Error("a text is told or logged")
	}
}

// The schedule counts for how long a version has been held, and nothing for a secret of which none is pending.
func TestOverdueIsCounted(t *testing.T) {
	i := install(t)
	i.rotate("shell")
	i.turn(handOver)
	i.scheduled()
	i.rotate("shell")
	i.turn(handOver + 36*time.Hour)
	i.log.Reset()
	if got := i.scheduled(); got != "held,done" {
		t.Fatalf("the schedule answers %s", got)
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
