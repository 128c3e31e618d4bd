package main_test

import (
	"net/url"
	"strings"
	"testing"

	"postern/local/gitaly/gitalytest"
	"postern/shared/gitaly"
	"postern/shared/gitlab"
)

func checkExec(t *testing.T, program string) {
	t.Helper()
	out, progress, status := do(t, program, "exec", "--", "sh", "-c", `echo "$POSTERN_DYNAMODB $POSTERN_SECRETS"; exit 7`)
	endpoints := strings.Fields(out)
	if status != 7 || len(endpoints) != 2 {
		t.Fatalf("status %d, %q, %s; want 7 and two endpoints", status, out, progress)
	}
	for _, endpoint := range endpoints {
		(&running{t: t}).silent(endpoint)
	}
}

// checkRepositories sends the local Gitaly a request about a repository in its folder.
func checkRepositories(t *testing.T, r *running, folder string) {
	t.Helper()
	if !strings.Contains(r.out.String(), "  Gitaly                   "+r.about.Gitaly+"\n") || r.about.Gitaly == "" {
		t.Errorf("no address of Gitaly (%q):\n%s", r.about.Gitaly, r.out)
	}
	repository := gitalytest.NewRepository(t, folder, "acme/app.git", gitalytest.SHA1)
	client := gitaly.New(gitaly.Options{})
	defer client.Close()
	storage := gitlab.Storage{Name: "default", Address: r.about.Gitaly, Token: new("gtok")}
	pairs := []gitaly.Pair{{Ancestor: repository.A, Child: repository.B}, {Ancestor: repository.B, Child: repository.A}}
	if got, err := client.Ancestors(t.Context(), storage, repository.Name(), pairs); err != nil || !got[0] || got[1] {
		t.Errorf("Ancestors = %v, %v; want yes and no", got, err)
	}
	storage.Token = nil
	if got, err := client.Ancestors(t.Context(), storage, repository.Name(), pairs); err == nil {
		t.Errorf("without the token: %v", got)
	}
}

// checkContainers checks the variables of a command that runs the functions in containers. Their endpoints are different addresses
// from those on this machine, for every container engine.
func checkContainers(t *testing.T, r *running) {
	t.Helper()
	t.Setenv("PORT", r.port)
	t.Setenv("AWS_SESSION_TOKEN", "of another account")
	const line = `echo "$TABLE_NAME $SHELL_SECRET_ID $KAS_SECRET_ID $AWS_ACCESS_KEY_ID$AWS_SESSION_TOKEN $AWS_DEFAULT_REGION"
for e in "$AWS_ENDPOINT_URL_DYNAMODB" "$AWS_ENDPOINT_URL_SECRETS_MANAGER" "$AWS_ENDPOINT_URL_S3" "$AWS_ENDPOINT_URL_EVENTBRIDGE" \
	"$AWS_ENDPOINT_URL_SQS" "$FAILURES_QUEUE_URL"; do echo "$e"; done; exit 7`
	out, progress, status := do(t, r.program, "containers", "--", "sh", "-c", line)
	variables := strings.Split(strings.TrimSpace(out), "\n")
	if status != 7 || len(variables) != 7 || variables[0] != "postern postern-shell postern-kas local us-east-1" {
		t.Fatalf("status %d, %s%s", status, out, progress)
	}
	if !strings.HasSuffix(variables[6], "/postern-failures") {
		t.Errorf("the queue of failures is %s", variables[6])
	}
	for i, ours := range []string{r.about.DynamoDB, r.about.Secrets, r.about.Secrets, r.about.Secrets, r.about.Secrets} {
		endpoint, err := url.Parse(variables[i+1])
		if err != nil || endpoint.Port() == "" || variables[i+1] == ours {
			t.Errorf("the endpoint of %s is %s", ours, variables[i+1])
		}
	}
	t.Setenv("PORT", "1")
	if _, progress, status := do(t, r.program, "containers", "--", "true"); status != 1 || !strings.Contains(progress, "no system runs") {
		t.Errorf("without a system: status %d, %s", status, progress)
	}
}
