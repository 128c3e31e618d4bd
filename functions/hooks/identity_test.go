package hooks_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// The requests of these cases are "pre" and post_receives, by the changes that they name. One request id is sent for all, since
// gitlab-sshd sends one for a whole connection; "other:" begins a request of another connection.
func TestPushIdentity(t *testing.T) {
	t.Parallel()
	forth, back := a+" "+b+" refs/heads/main", b+" "+a+" refs/heads/main"
	side := zero + " " + a + " refs/heads/side"
	tests := map[string]struct {
		requests []string
		pushes   int
	}{
		"a repeat is stored once":                     {[]string{"pre", forth, forth, forth}, 1},
		"a repeat without pre_receive is stored once": {[]string{forth, forth}, 1},
		"three pushes of one connection":              {[]string{"pre", forth, "pre", back, "pre", forth}, 3},
		"three pushes without pre_receive":            {[]string{forth, back, forth}, 3},
		"three pushes, each repeated":                 {[]string{"pre", forth, forth, "pre", back, back, "pre", forth, forth}, 3},
		"a second push after a change past the hooks": {[]string{"pre", forth, "pre", forth}, 2},
		"and its repeat":                              {[]string{"pre", forth, "pre", forth, forth}, 2},
		"undone by another connection":                {[]string{"pre", forth, "other:pre", "other:" + back, "pre", forth}, 3},
		"undone without pre_receive by another":       {[]string{forth, "other:" + back, forth}, 3},
		"two pushes side by side":                     {[]string{"pre", "pre", forth, side}, 2},
		"a repeat while another push is under way":    {[]string{"pre", "pre", forth, forth, side, side}, 2},
		"a late repeat behind another ref's push":     {[]string{"pre", "pre", forth, side, forth, side}, 2},
		"a repeat behind pushes of others": {[]string{
			"pre", forth, "other:pre", "other:" + side, forth, "other:" + strings.ReplaceAll(side, "side", "more"), forth,
		}, 3},
		"equal pushes of two connections": {[]string{"pre", "other:pre", forth, "other:" + forth}, 2},
	}
	for name, tt := range tests {
		for _, id := range []string{"01HF", ""} {
			t.Run(name+", id "+id, func(t *testing.T) {
				t.Parallel()
				if id == "" && strings.Contains(strings.Join(tt.requests, ""), "other:") {
					return // without an id there is one connection only
				}
				api := serve(t)
				for _, request := range tt.requests {
					request, other := strings.CutPrefix(request, "other:")
					connection := id
					if other {
						connection += "-2"
					}
					if request == "pre" {
						send(t, api, "pre_receive", map[string]any{"gl_repository": "project-7"}, connection)
						continue
					}
					said(t, postReceive(t, api, done("changes", request), connection))
				}
				if n := outbox(t, api, "project-7"); n != tt.pushes {
					t.Errorf("%d pushes stored, want %d", n, tt.pushes)
				}
				if !strings.Contains(strings.Join(tt.requests, ""), "other") {
					live(t, api, "project-7", 0)
				}
			})
		}
	}
}

// A note of a push is trimmed after some others. Its repeat is recognized all the same.
func TestPushIdentityIsBounded(t *testing.T) {
	t.Parallel()
	api := serve(t)
	push := func(i int) {
		t.Helper()
		send(t, api, "pre_receive", map[string]any{"gl_repository": "project-7"}, "one")
		said(t, postReceive(t, api, done("changes", fmt.Sprintf("%s %s refs/heads/b%d", zero, a, i)), "one"))
	}
	send(t, api, "pre_receive", map[string]any{"gl_repository": "project-7"}, "first")
	said(t, postReceive(t, api, done(), "first"))
	for i := range 60 {
		push(i)
	}
	said(t, postReceive(t, api, done(), "first"))
	if n := outbox(t, api, "project-7"); n != 61 {
		t.Errorf("%d pushes stored, want 61", n)
	}
	for _, item := range api.Table.Partition(t, "lease#project-7") {
		notes := 0
		for name := range item {
			if strings.HasPrefix(name, "push_") {
				notes++
			}
		}
		if notes > 25 {
			t.Errorf("%d notes of pushes", notes)
		}
	}
}

func TestRepeatsAtOnceAreStoredOnce(t *testing.T) {
	t.Parallel()
	api := serve(t)
	send(t, api, "pre_receive", map[string]any{"gl_repository": "project-7"}, "one")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { postReceive(t, api, done(), "one") })
	}
	all.Wait()
	if n := outbox(t, api, "project-7"); n != 1 {
		t.Errorf("%d pushes stored, want 1", n)
	}
}
