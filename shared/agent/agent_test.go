package agent_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"postern/shared/agent"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/store/agents"
	storetable "postern/shared/table"
)

// table is a store with failures of both calls.
type table struct {
	load, touch error
	queries     []agents.AgentQuery
}

func (s *table) LoadAgent(_ context.Context, q agents.AgentQuery) (agents.AgentContext, error) {
	s.queries = append(s.queries, q)
	if s.load != nil {
		return agents.AgentContext{}, s.load
	}
	return agents.AgentContext{Agent: &gitlab.Agent{ID: 3, Name: "prod"}}, nil
}

func (s *table) TouchAgent(context.Context, *agents.AgentContext) error { return s.touch }

// open accepts every request, like a route after the authentication of kas.
type open struct{}

func (open) Authenticate(context.Context, *http.Request) error { return nil }

func TestLoadAuthenticatesAgent(t *testing.T) {
	down := &storetable.UnavailableError{Op: "BatchGetItem", Err: errors.New("throttled")}
	const unauthorized = `{"message":"401 Unauthorized"}`
	rows := []struct {
		name          string
		table         table
		authorization string
		status        int
		answer, log   string
		queries       int
	}{
		{"an agent", table{}, "Bearer agt", 200, `"prod"`, `"actor":"agent-prod"`, 1},
		{"a failed write of the token's last use", table{touch: down}, "Bearer agt", 200, `"prod"`, "throttled", 1},
		{"no token", table{}, "", 401, unauthorized, "no token", 0},
		{"an unknown token", table{load: storetable.ErrNotFound}, "Bearer agt", 401, unauthorized, `"status":401`, 1},
		{"an unavailable table", table{load: down}, "Bearer agt", 503, `{"message":"503 Service Unavailable"}`, "throttled", 1},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var log bytes.Buffer
			routes := []httpapi.Route{{
				Method: http.MethodGet, Path: "/internal/agent", Auth: open{},
				Handler: func(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
					loaded, err := agent.Load(ctx, &row.table, p, agents.AgentQuery{Own: true})
					if err != nil {
						return httpapi.Response{}, err
					}
					return httpapi.Response{Body: loaded.Agent.Name}, nil
				},
			}}
			h := httpapi.New(routes, httpapi.Options{Logger: slog.New(slog.NewJSONHandler(&log, nil)), Now: time.Now, Timeout: time.Minute})
			r := httptest.NewRequest(http.MethodGet, "/api/v4/internal/agent", http.NoBody)
			if row.authorization != "" {
				r.Header.Set("Authorization", row.authorization)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if got := strings.TrimSpace(w.Body.String()); w.Code != row.status || got != row.answer {
				t.Errorf("%d %s, want %d %s", w.Code, got, row.status, row.answer)
			}
			if !strings.Contains(log.String(), row.log) || strings.Contains(log.String(), "agt") {
				t.Errorf("log: %s", log.String())
			}
			if len(row.table.queries) != row.queries || row.queries > 0 && row.table.queries[0] != (agents.AgentQuery{Digest: gitlab.TokenDigest("agt"), Own: true}) {
				t.Errorf("queries %+v", row.table.queries)
			}
		})
	}
}
