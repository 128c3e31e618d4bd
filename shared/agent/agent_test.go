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
	"postern/shared/store"
)

// table is one of which both calls may fail.
type table struct {
	load, touch error
	asked       []store.AgentQuery
}

func (s *table) LoadAgent(_ context.Context, q store.AgentQuery) (store.AgentContext, error) {
	s.asked = append(s.asked, q)
	if s.load != nil {
		return store.AgentContext{}, s.load
	}
	return store.AgentContext{Agent: &gitlab.Agent{ID: 3, Name: "prod"}}, nil
}

func (s *table) TouchAgent(context.Context, *store.AgentContext) error { return s.touch }

// open lets everybody in, as a route does whom kas has asked.
type open struct{}

func (open) Authenticate(context.Context, *http.Request) error { return nil }

func TestLoad(t *testing.T) {
	down := &store.UnavailableError{Op: "BatchGetItem", Err: errors.New("throttled")}
	const unauthorized = `{"message":"401 Unauthorized"}`
	rows := []struct {
		name          string
		table         table
		authorization string
		status        int
		answer, log   string
		asked         int
	}{
		{"an agent", table{}, "Bearer agt", 200, `"prod"`, `"actor":"agent-prod"`, 1},
		{"nobody has to be told that the token was used", table{touch: down}, "Bearer agt", 200, `"prod"`, "throttled", 1},
		{"no token", table{}, "", 401, unauthorized, "no token", 0},
		{"a token that opens nothing", table{load: store.ErrNotFound}, "Bearer agt", 401, unauthorized, `"status":401`, 1},
		{"a table that is down", table{load: down}, "Bearer agt", 503, `{"message":"503 Service Unavailable"}`, "throttled", 1},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var log bytes.Buffer
			routes := []httpapi.Route{{
				Method: http.MethodGet, Path: "/internal/agent", Auth: open{},
				Handler: func(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
					loaded, err := agent.Load(ctx, &row.table, p, store.AgentQuery{Own: true})
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
				t.Errorf("the log says %s", log.String())
			}
			if len(row.table.asked) != row.asked || row.asked > 0 && row.table.asked[0] != (store.AgentQuery{Digest: gitlab.TokenDigest("agt"), Own: true}) {
				t.Errorf("the table was asked %+v", row.table.asked)
			}
		})
	}
}
