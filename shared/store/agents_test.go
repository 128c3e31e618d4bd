package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store"
	storeagents "postern/shared/store/agents"
	"postern/shared/table"
)

const agents = `{"agents":[{"id":3,"name":"prod","project_id":8}],
 "agent_tokens":[{"id":1,"agent_id":3,"token":"agt"},{"id":2,"agent_id":3,"token":"old","status":"revoked"}]}`

func agentWorld(t testing.TB) *world {
	t.Helper()
	w := newWorld(t, small)
	w.apply(agents)
	return w
}

func TestLoadAgent(t *testing.T) {
	w := agentWorld(t)
	rows := []struct {
		name, token string
		query       storeagents.AgentQuery
		path        string // of the project; "-" for none
		err         error
	}{
		{"its own project", "agt", storeagents.AgentQuery{Own: true}, "acme/web/api/deep", nil},
		{"a project by id", "agt", storeagents.AgentQuery{ID: 7}, "acme/app", nil},
		{"by an old path", "agt", storeagents.AgentQuery{Path: "ACME/oldname"}, "acme/app", nil},
		{"no such project", "agt", storeagents.AgentQuery{ID: 99}, "-", nil},
		{"a path that cannot be", "agt", storeagents.AgentQuery{Path: "a\xff/b"}, "-", nil},
		{"none asked for", "agt", storeagents.AgentQuery{}, "-", nil},
		{"a revoked token", "old", storeagents.AgentQuery{Own: true}, "", table.ErrNotFound},
		{"an unknown token", "none", storeagents.AgentQuery{Own: true}, "", table.ErrNotFound},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			row.query.Digest = gitlab.TokenDigest(row.token)
			for range 2 { // without and with hints
				found, err := w.reader.LoadAgent(t.Context(), row.query)
				if !errors.Is(err, row.err) {
					t.Fatalf("error %v, want %v", err, row.err)
				}
				switch {
				case err != nil:
				case row.path == "-" && found.Container != nil, row.path != "-" && (found.Container == nil || found.Container.FullPath() != row.path):
					t.Errorf("found %+v, want %s", found.Container, row.path)
				case found.Agent.ID != 3 || found.Token.ID != 1:
					t.Errorf("agent %+v, token %+v", found.Agent, found.Token)
				}
			}
		})
	}
}

// Whatever a process remembers, a token that is revoked opens nothing with the next request.
func TestARevokedAgentTokenOpensNothing(t *testing.T) {
	w := agentWorld(t)
	q := storeagents.AgentQuery{Digest: gitlab.TokenDigest("agt"), Own: true}
	if _, err := w.reader.LoadAgent(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	w.apply(`{"agent_tokens":[{"id":1,"status":"revoked"}]}`)
	if _, err := w.reader.LoadAgent(t.Context(), q); !errors.Is(err, table.ErrNotFound) {
		t.Errorf("error %v, want not found", err)
	}
}

// A process without hints needs two calls once the table has noted where the token leads, and as many as the chain of
// records is long until then, or after the agent was given to another project.
func TestAgentBudget(t *testing.T) {
	w := agentWorld(t)
	q := storeagents.AgentQuery{Digest: gitlab.TokenDigest("agt"), Own: true}
	load := func(path string, most int) {
		t.Helper()
		w.count.reset()
		found, err := w.reader.LoadAgent(t.Context(), q)
		if err != nil || found.Container.FullPath() != path {
			t.Fatalf("found %+v, %v; want %s", found.Container, err, path)
		}
		if w.count.calls > most {
			t.Errorf("%d calls, want at most %d", w.count.calls, most)
		}
		if err := w.reader.TouchAgent(t.Context(), &found); err != nil {
			t.Fatal(err)
		}
	}
	load("acme/web/api/deep", 5)
	load("acme/web/api/deep", 1)
	if w.count.items > 7 { // settings, token, agent, project and three levels
		t.Errorf("%d items when warm, want at most 7", w.count.items)
	}
	w.forget()
	load("acme/web/api/deep", 2)
	w.apply(`{"agents":[{"id":3,"project_id":7}]}`)
	load("acme/app", 3)
	w.forget()
	load("acme/app", 2)
}

// A hint leads to what a token once was; what it is now counts.
func TestAnOldAgentHintIsNoAnswer(t *testing.T) {
	w := agentWorld(t)
	q := storeagents.AgentQuery{Digest: gitlab.TokenDigest("agt"), Own: true}
	found, err := w.reader.LoadAgent(t.Context(), q)
	if err == nil {
		err = w.reader.TouchAgent(t.Context(), &found)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.apply(`{"remove":{"agent_tokens":[{"id":1}]}}`)
	w.forget()
	if _, err := w.reader.LoadAgent(t.Context(), q); !errors.Is(err, table.ErrNotFound) {
		t.Errorf("error %v, want not found", err)
	}
	w.apply(`{"agents":[{"id":4,"name":"edge","project_id":7}],"agent_tokens":[{"id":3,"agent_id":4,"token":"agt"}]}`)
	if found, err = w.reader.LoadAgent(t.Context(), q); err != nil || found.Agent.ID != 4 || found.Container.FullPath() != "acme/app" {
		t.Errorf("found %+v, %v; want the agent that has the token now", found.Agent, err)
	}
}

// The use of a token is written once an hour, and where it leads once.
func TestTouchAgent(t *testing.T) {
	w := agentWorld(t)
	clock := newClock()
	api := &writes{API: w.count}
	s := store.New(api, w.table, clock.now)
	for i, step := range []struct {
		after  time.Duration
		writes int64
	}{{0, 1}, {59 * time.Minute, 1}, {time.Minute, 2}} {
		clock.add(step.after)
		found, err := s.LoadAgent(t.Context(), storeagents.AgentQuery{Digest: gitlab.TokenDigest("agt")})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.TouchAgent(t.Context(), &found); err != nil {
			t.Fatal(err)
		}
		if got := api.updates.Load(); got != step.writes {
			t.Errorf("step %d: %d writes, want %d", i, got, step.writes)
		}
	}
}

// together runs n writers at once.
func together(t *testing.T, n int, do func(int) error) {
	t.Helper()
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if err := do(i); err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		})
	}
	wg.Wait()
}

func TestAgentConfigurationIsKeptWithItsAgent(t *testing.T) {
	w := agentWorld(t)
	kept := storeagents.AgentConfiguration{Config: `{"a":1}`, CIAccess: `{"groups":[]}`}
	if err := w.writer.KeepAgentConfiguration(t.Context(), 3, kept); err != nil {
		t.Fatal(err)
	}
	if got, err := w.writer.AgentConfiguration(t.Context(), 3); err != nil || got != kept {
		t.Errorf("kept %+v, %v", got, err)
	}
	if err := w.writer.KeepAgentConfiguration(t.Context(), 4, kept); !errors.Is(err, table.ErrNotFound) {
		t.Errorf("error %v, want not found", err)
	}
	w.apply(`{"remove":{"agents":[{"id":3}]}}`)
	if got, err := w.writer.AgentConfiguration(t.Context(), 3); err != nil || got.Config != "" {
		t.Errorf("left behind: %+v, %v", got, err)
	}
}

func uuid(n int) string { return fmt.Sprintf("00000000-0000-5000-8000-%012d", n) }
