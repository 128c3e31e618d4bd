package infra_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"postern/functions/postreceive"
	local "postern/local/gitaly"
	"postern/local/gitaly/gitalytest"
	"postern/shared/apitest"
	"postern/shared/gitaly"
	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/storetest"
)

// outside records the worker's events and messages.
type outside struct{ sources, buses, queues []string }

func (o *outside) PutEvents(
	_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options),
) (*eventbridge.PutEventsOutput, error) {
	for i := range in.Entries {
		o.sources, o.buses = append(o.sources, *in.Entries[i].Source), append(o.buses, *in.Entries[i].EventBusName)
	}
	return &eventbridge.PutEventsOutput{}, nil
}

func (o *outside) SendMessage(_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	o.queues = append(o.queues, *in.QueueUrl)
	return &sqs.SendMessageOutput{}, nil
}

// delivered is a push of the outbox as the table's stream delivers it. Options are a list in DynamoDB's JSON. mergeRequests are a
// map.
func delivered(repository, changes, options, mergeRequests string) string {
	keys := fmt.Sprintf(`"pk":{"S":"outbox#%s"},"sk":{"S":"push#%d"}`, repository, len(changes)+len(options))
	return fmt.Sprintf(`{"eventID":"1","eventName":"INSERT","eventSource":"aws:dynamodb","dynamodb":{"SequenceNumber":"1","Keys":{%s},"NewImage":{%s,
		"kind":{"S":"push"},"id":{"S":"%d"},"gl_repository":{"S":%q},"identifier":{"S":"user-12"},"user_id":{"N":"12"},"request_id":{"S":"r"},
		"at":{"S":%q},"parts":{"N":"1"},"zipped":{"BOOL":false},"options":{"L":%s},"merge_requests":{"M":%s},"messages":{"L":[]},
		"changes":{"B":%q}}}}`, keys, keys, len(changes)+len(options), repository, time.Now().UTC().Format(time.RFC3339Nano), options, mergeRequests,
		base64.StdEncoding.EncodeToString([]byte(changes)))
}

// deliveries use every grant of the worker.
func deliveries(r *gitalytest.Repository) []string {
	zeros := strings.Repeat("0", len(r.A))
	return []string{
		delivered("project-7", r.A+" "+r.B+" refs/heads/main", "[]", "{}"),
		delivered("project-7", zeros+" "+r.A+" refs/heads/topic", `[{"S":"merge_request.create"}]`, `{"topic":{"N":"9"}}`),
		delivered("project-7", r.A+" "+r.B+" refs/heads/topic", `[{"S":"merge_request.title=Better"}]`, "{}"),
		delivered("project-7", r.B+" "+zeros+" refs/heads/topic", "[]", "{}"),
		delivered("project-10", zeros+" "+r.A+" refs/heads/main", "[]", "{}"),
		delivered("wiki-7", r.A+" "+r.B+" refs/heads/main", "[]", "{}"),
		delivered("snippet-31", zeros+" "+r.A+" refs/heads/main", "[]", "{}"),
		delivered("snippet-32", r.A+" "+r.B+" refs/heads/main", "[]", "{}"),
	}
}

// TestWorkerRoleGrantsOnlyUsedActions runs the worker with a client that enforces its role.
func TestWorkerRoleGrantsOnlyUsedActions(t *testing.T) {
	tpl := read(t, "template.yaml")
	client, table := storetest.Open(t)
	folder := t.TempDir()
	repository := gitalytest.NewRepository(t, folder, gitlab.DiskPath("@hashed", 7)+".git", gitalytest.SHA1)
	for _, other := range []string{gitlab.DiskPath("@hashed", 10), gitlab.DiskPath("@snippets", 31)} {
		gitalytest.NewRepository(t, folder, other+".git", gitalytest.SHA1)
	}
	storage := gitalytest.Serve(t, local.Options{Repositories: folder, Token: "gtok"}, "").Storage()
	loaded := store.New(client, table, time.Now)
	for _, document := range [][]byte{
		apitest.Fixture(), given(t, storage, repository), []byte(`{"snippets":[{"id":31,"empty_repo":true}]}`),
	} {
		apitest.Apply(t, loaded, document)
	}
	g, sent := newGuard(t, client, tpl, "PostReceiveFunction"), &outside{}
	gitalyClient := gitaly.New(gitaly.Options{})
	t.Cleanup(func() { _ = gitalyClient.Close() })
	worker := postreceive.New(postreceive.Deps{
		Store: store.New(g, table, time.Now), Gitaly: gitalyClient, Events: sent, Bus: "bus", Failures: sent, Queue: "queue",
		Logger: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	records := deliveries(repository)
	answer, err := worker.Invoke(t.Context(), []byte(`{"Records":[`+strings.Join(records, ",")+`,`+malformed+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	var failed struct {
		BatchItemFailures []any `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(answer, &failed); err != nil || len(failed.BatchItemFailures) > 0 {
		t.Errorf("answer %s: %v", answer, err)
	}
	if len(sent.sources) != len(records) || len(sent.queues) != 1 {
		t.Errorf("%d events of %d pushes, %d messages of the malformed one", len(sent.sources), len(records), len(sent.queues))
	}
	for i, source := range sent.sources {
		if source != "postern" || sent.buses[i] != "bus" {
			t.Errorf("an event of %q on %q, without a grant", source, sent.buses[i])
		}
	}
	if idle := g.unused(); len(idle) > 0 {
		t.Errorf("%s has unused grants: %q", g.role, idle)
	}
}

const malformed = `{"eventID":"2","eventName":"INSERT","dynamodb":{"SequenceNumber":"2","Keys":{"pk":{"S":"outbox#project-7"},"sk":{"S":"push#x"}},
	"NewImage":{"pk":{"S":"outbox#project-7"},"sk":{"S":"push#x"},"kind":{"S":"push"}}}}`
