package gitlab_test

import (
	"encoding/json"
	"strconv"
	"testing"

	"postern/shared/gitlab"
)

func TestParsePushOptions(t *testing.T) {
	tests := []struct {
		name  string
		given []string
		want  string
	}{
		{"none", nil, `{}`},
		{"true", []string{"ci.skip"}, `{"ci":{"skip":true}}`},
		{"empty is true", []string{"merge_request.create="}, `{"merge_request":{"create":true}}`},
		{"a value", []string{"merge_request.target=main"}, `{"merge_request":{"target":"main"}}`},
		{"a value with signs", []string{"merge_request.title=a=b.c"}, `{"merge_request":{"title":"a=b.c"}}`},
		{"the short name", []string{"mr.create", "mr.draft"}, `{"merge_request":{"create":true,"draft":true}}`},
		{"the last one counts", []string{"mr.title=a", "mr.title=b"}, `{"merge_request":{"title":"b"}}`},
		{"repeated", []string{"ci.variable=A=1", "ci.variable=B=2", "ci.variable=A=1"}, `{"ci":{"variable":["A=1","B=2"]}}`},
		{"labels", []string{"mr.label=a", "mr.unlabel=b"}, `{"merge_request":{"label":["a"],"unlabel":["b"]}}`},
		{"white space", []string{" merge_request . target = a b ", "mr\t.create= "}, `{"merge_request":{"create":true,"target":"a b"}}`},
		{"the newest keys", []string{"mr.auto_merge", "secret_push_protection.skip_all"}, `{"merge_request":{"auto_merge":true},"secret_push_protection":{"skip_all":true}}`},
		{"unknown", []string{"ci.dance", "another push option", "x.y=z", "ci", ".skip", ""}, `{}`},
		{"newer namespaces", []string{"integrations.skip_ci", "secret_detection.skip_all"}, `{"integrations":{"skip_ci":true},"secret_detection":{"skip_all":true}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := json.Marshal(gitlab.ParsePushOptions(tt.given).Values())
			if err != nil || string(got) != tt.want {
				t.Errorf("got %s, %v", got, err)
			}
		})
	}
}

func TestPushIDsTellPushesApart(t *testing.T) {
	project := gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 7}
	base := gitlab.PushID(project, "key-1", "c", []string{"a"}, "r", "")
	if base != gitlab.PushID(project, "key-1", "c", []string{"a"}, "r", "") {
		t.Error("a repeat has another id")
	}
	for name, other := range map[string]string{
		"repository": gitlab.PushID(gitlab.Repository{Kind: gitlab.WikiRepository, ID: 7}, "key-1", "c", []string{"a"}, "r", ""),
		"identifier": gitlab.PushID(project, "key-2", "c", []string{"a"}, "r", ""),
		"changes":    gitlab.PushID(project, "key-1", "d", []string{"a"}, "r", ""),
		"options":    gitlab.PushID(project, "key-1", "c", []string{"a", ""}, "r", ""),
		"request":    gitlab.PushID(project, "key-1", "c", []string{"a"}, "s", ""),
		"before":     gitlab.PushID(project, "key-1", "c", []string{"a"}, "r", "x"),
		"the border": gitlab.PushID(project, "key-1c", "", []string{"a"}, "r", ""),
	} {
		if other == base {
			t.Errorf("another %s has the same id", name)
		}
	}
}

// Duplicates among very many options are found without comparing each with each.
func TestParsePushOptionsOfManyLabels(t *testing.T) {
	given := make([]string, 0, 200_000)
	for i := range 100_000 {
		label := "mr.label=" + strconv.Itoa(i)
		given = append(given, label, label)
	}
	if got := len(gitlab.ParsePushOptions(given)["merge_request"]["label"]); got != 100_000 {
		t.Errorf("%d labels", got)
	}
}
