package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"postern/functions/agents"
	"postern/functions/credentials"
	"postern/functions/errortracking"
	"postern/functions/gitaccess"
	"postern/functions/groupscim"
	"postern/functions/hooks"
	"postern/functions/instance"
	"postern/functions/lfs"
	"postern/functions/sshkeys"
	"postern/functions/starboard"
	"postern/functions/storagelimits"
	"postern/shared/apitest"
	"postern/shared/auth"
	"postern/shared/directory"
	"postern/shared/gitaly"
	"postern/shared/httpapi"
	"postern/shared/lambdahttp"
	"postern/shared/store"
)

const blob = "AAAAC3NzaC1lZDI1NTE5AAAAIEOUoqVhRHhocfH9qs9uJC3Et83kX9jy0YvYlCdp6Yp5"

// route is a row of the table: a request, its function, and its floor.
type route struct {
	name    string
	goal    float64 // the largest ratio to the floor, 0: no goal
	refused bool    // the answer is 401
	event   []byte
	entry   lambda.Handler
	floor   lambda.Handler
}

// functions are the measured functions.
type functions struct {
	git, hook, keys, about, files, people, tracking, limits, agent, scans, groups lambda.Handler
}

func newFunctions(s *store.Store) functions {
	var e functions
	shell := auth.NewShell(apitest.StaticKeys(apitest.Secret), time.Now)
	options := httpapi.Options{
		Logger: slog.New(slog.NewJSONHandler(io.Discard, nil)), Metrics: "Postern/bench", Now: time.Now, Timeout: 29 * time.Second,
	}
	e.git = lambdahttp.Entry(gitaccess.New(gitaccess.Deps{
		Store: s, Gitaly: gitaly.New(gitaly.Options{}), Shell: shell, Now: time.Now, HTTP: options,
	}))
	e.hook = lambdahttp.Entry(hooks.New(hooks.Deps{Store: s, Shell: shell, Now: time.Now, HTTP: options}))
	e.keys = lambdahttp.Entry(sshkeys.New(sshkeys.Deps{Store: s, Shell: shell, HTTP: options}))
	e.about = lambdahttp.Entry(instance.New(instance.Deps{Store: s, Shell: shell, HTTP: options}))
	tokens := apitest.StaticKeys(apitest.TokenSecret)
	e.files = lambdahttp.Entry(lfs.New(lfs.Deps{
		Store: s, Shell: shell, Tokens: tokens, Now: time.Now, Random: rand.Reader, HTTP: options,
	}))
	e.people = lambdahttp.Entry(credentials.New(credentials.Deps{
		Store: s, Shell: shell, Tokens: tokens, Now: time.Now, Random: rand.Reader, HTTP: options,
	}))
	e.tracking = lambdahttp.Entry(errortracking.New(errortracking.Deps{Store: s, Shell: shell, HTTP: options}))
	e.limits = lambdahttp.Entry(storagelimits.New(storagelimits.Deps{Store: s, HTTP: options}))
	guard := auth.NewKAS(apitest.StaticKeys(apitest.Secret), time.Now)
	e.agent = lambdahttp.Entry(agents.New(agents.Deps{Store: s, KAS: guard, HTTP: options}))
	e.scans = lambdahttp.Entry(starboard.New(starboard.Deps{Store: s, KAS: guard, HTTP: options}))
	e.groups = lambdahttp.Entry(groupscim.New(groupscim.Deps{Store: s, HTTP: options}))
	return e
}

// routes loads the fixture and returns the rows. Each has had two requests, so it is warm.
func routes(ctx context.Context, api *recorder, client *dynamodb.Client, table string, h *history) ([]route, error) {
	s := store.New(api, table, time.Now)
	for _, document := range [][]byte{apitest.Fixture(), h.storage(), []byte(administrators), []byte(prod), []byte(provider)} {
		if _, err := directory.Load(ctx, s, document); err != nil {
			return nil, fmt.Errorf("load directory: %w", err)
		}
	}
	e := newFunctions(s)
	rows := slices.Concat(e.ofGit(h), e.ofAgents(), e.ofProviders())
	for i := range rows {
		api.batch, api.get = nil, nil
		for range 2 {
			if err := rows[i].ask(ctx); err != nil {
				return nil, fmt.Errorf("%s: %w", rows[i].name, err)
			}
		}
		rows[i].floor = newFloor(client, api)
	}
	return rows, nil
}

// ofGit are the rows of requests of gitlab-shell, Gitaly and administrators.
func (e *functions) ofGit(h *history) []route {
	return []route{
		{name: "allowed, pull", goal: 1.5, entry: e.git, event: allowed("git-upload-pack", "acme/pub.git")},
		{name: "allowed, push", goal: 1.5, entry: e.git, event: allowed("git-receive-pack", "acme/app.git")},
		{name: "allowed, denied", goal: 1.5, entry: e.git, event: allowed("git-receive-pack", "acme/old.git"), refused: true},
		{name: "allowed, 1 ref", goal: 1.5, entry: e.git, event: pushed("102", h.branches(1))},
		{name: "allowed, 100 refs", entry: e.git, event: pushed("102", h.branches(100))},
		{name: "allowed, 5,000 refs", entry: e.git, event: pushed("102", h.branches(5000))},
		{name: "allowed, protected ref", entry: e.git, event: pushed("101", h.update("main"))},
		{name: "pre_ and post_receive", entry: numbered(both{e.hook}), event: hooked("post_receive", h.update("feature"))},
		{name: "authorized_keys", goal: 1.3, entry: e.keys, event: get("authorized_keys", "key", blob)},
		{name: "discover", goal: 1.3, entry: e.keys, event: get("discover", "key_id", "102")},
		{name: "lfs_authenticate", goal: 1.4, entry: e.files, event: post("lfs_authenticate",
			map[string]string{"operation": "download", "project": "acme/app.git", "key_id": "102"})},
		{name: "two_factor_config", goal: 1.3, entry: e.people, event: post("two_factor_config", map[string]string{"key_id": "102"})},
		{name: "error_tracking", goal: 1.3, entry: e.tracking, event: post("error_tracking/allowed",
			map[string]string{"project_id": "7", "public_key": "et-active"})},
		{name: "check", goal: 1.3, entry: e.about, event: get("check", "", "")},
		{name: "limit_exclusions", entry: e.limits, event: excluded()},
	}
}

// ask invokes the function and checks its answer.
func (r *route) ask(ctx context.Context) error {
	raw, err := r.entry.Invoke(ctx, r.event)
	if err != nil {
		return fmt.Errorf("invoke: %w", err)
	}
	var answer events.APIGatewayProxyResponse
	if err := json.Unmarshal(raw, &answer); err != nil {
		return fmt.Errorf("decode answer: %w", err)
	}
	if (answer.StatusCode == http.StatusUnauthorized) != r.refused || !r.refused && answer.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("status %d: %s", answer.StatusCode, answer.Body)
	}
	return nil
}
