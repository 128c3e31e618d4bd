package auth

import (
	"net/http"
	"strings"
	"testing"
)

func TestAgentTokenFromHeaders(t *testing.T) {
	rows := []struct {
		name   string
		header http.Header
		want   string // "" for an error
	}{
		{"a bearer token", http.Header{"Authorization": {"Bearer agt"}}, "agt"},
		{"the scheme in lower case", http.Header{"Authorization": {"bearer agt"}}, "agt"},
		{"the newer header", http.Header{"Gitlab-Agent-Api-Request": {"agt"}}, "agt"},
		{"both headers with the same token", http.Header{"Authorization": {"Bearer agt"}, "Gitlab-Agent-Api-Request": {"agt"}}, "agt"},
		{"both headers with different tokens", http.Header{"Authorization": {"Bearer one"}, "Gitlab-Agent-Api-Request": {"two"}}, ""},
		{"two tokens in one header", http.Header{"Authorization": {"Bearer one", "Bearer one"}}, ""},
		{"no token", http.Header{}, ""},
		{"an empty token", http.Header{"Authorization": {"Bearer "}}, ""},
		{"basic credentials", http.Header{"Authorization": {"Basic YTpi"}}, ""},
		{"a token that is too long", http.Header{"Authorization": {"Bearer " + strings.Repeat("x", 1025)}}, ""},
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
