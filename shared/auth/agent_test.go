package auth

import (
	"net/http"
	"strings"
	"testing"
)

func TestAgentToken(t *testing.T) {
	rows := []struct {
		name   string
		header http.Header
		want   string // "" for a refusal
	}{
		{"a bearer token", http.Header{"Authorization": {"Bearer agt"}}, "agt"},
		{"the scheme in any letters", http.Header{"Authorization": {"bearer agt"}}, "agt"},
		{"the newer header", http.Header{"Gitlab-Agent-Api-Request": {"agt"}}, "agt"},
		{"both, the same", http.Header{"Authorization": {"Bearer agt"}, "Gitlab-Agent-Api-Request": {"agt"}}, "agt"},
		{"both, different", http.Header{"Authorization": {"Bearer one"}, "Gitlab-Agent-Api-Request": {"two"}}, ""},
		{"two in one header", http.Header{"Authorization": {"Bearer one", "Bearer one"}}, ""},
		{"none", http.Header{}, ""},
		{"an empty one", http.Header{"Authorization": {"Bearer "}}, ""},
		{"basic credentials", http.Header{"Authorization": {"Basic YTpi"}}, ""},
		{"a long one", http.Header{"Authorization": {"Bearer " + strings.Repeat("x", 1025)}}, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got, err := AgentToken(row.header)
			if got != row.want || (err == nil) != (row.want != "") {
				t.Errorf("AgentToken = %q, %v; want %q", got, err, row.want)
			}
		})
	}
}
