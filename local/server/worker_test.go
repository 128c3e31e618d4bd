package server_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"postern/local/cloud"
	"postern/local/server"
	"postern/shared/apitest"
	"postern/shared/gitlab"
	"postern/shared/store"
	storepushes "postern/shared/store/pushes"
	"postern/shared/table"
)

// moto's bus gets the event of a push in the outbox. A malformed push goes to the queue of failures.
func TestWorkPublishesPushesAndQueuesFailures(t *testing.T) {
	c, err := cloud.Start(t.Context(), cloud.Options{Root: "../.."})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop()
	if _, err := c.CreateTable(t.Context()); err != nil {
		t.Fatal(err)
	}
	failures, err := c.CreateQueue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := store.New(c.DynamoDBClient(), cloud.Table, time.Now)
	apitest.Apply(t, s, apitest.Fixture())
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	log := &apitest.Log{}
	go func() { ended <- server.Work(ctx, c, failures, slog.New(slog.NewJSONHandler(log, nil))) }()

	poison(t, c)
	push := &storepushes.AcceptedPush{
		RawChanges: strings.Repeat("0", 40) + " " + strings.Repeat("a", 40) + " refs/heads/new",
		Push: gitlab.Push{
			Repository: gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 7}, Identifier: "user-12", UserID: 12,
			RequestID: "r", At: time.Now(),
		},
	}
	if _, _, err := s.AcceptPush(t.Context(), push); err != nil {
		t.Fatal(err)
	}
	waiting, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	k := table.Key{PK: "outbox#project-7", SK: "push#" + push.ID}
	for done := false; !done; {
		if done, err = s.Published(waiting, k); err != nil {
			t.Fatalf("%v; %s", err, log)
		}
	}
	if got := receive(t, c, failures); !strings.Contains(got, "push#poison") {
		t.Errorf("queued: %s", got)
	}
	if !strings.Contains(log.String(), `"detail_type":"PushReceived"`) {
		t.Errorf("the log has no line for the event: %s", log)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// poison puts a malformed push into the outbox.
func poison(t *testing.T, c *cloud.Cloud) {
	t.Helper()
	_, err := c.DynamoDBClient().PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(cloud.Table), Item: table.Item{
		"pk": &types.AttributeValueMemberS{Value: "outbox#project-7"}, "sk": &types.AttributeValueMemberS{Value: "push#poison"},
		"kind": &types.AttributeValueMemberS{Value: storepushes.OutboxPush},
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// receive waits up to 30 seconds for a message.
func receive(t *testing.T, c *cloud.Cloud, queue string) string {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	t.Helper()
	for {
		out, err := c.QueueClient().ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &queue, WaitTimeSeconds: 1})
		if err != nil {
			return err.Error()
		}
		if len(out.Messages) > 0 {
			return *out.Messages[0].Body
		}
	}
}
