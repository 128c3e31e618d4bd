package events_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"postern/functions/postreceive"
	"postern/local/cloud"
	"postern/shared/apitest"
	"postern/shared/storetest"
)

// sam is the variable with the program that invokes functions in containers (make sam-test).
const sam = "POSTERN_SAM"

type function interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// invoked returns the function in a container, by its name in the template, or the given function without sam.
func invoked(name string, ours function) function {
	if program := os.Getenv(sam); program != "" {
		return container{program, name}
	}
	return ours
}

// container is a function in a container of `sam local invoke`.
type container struct{ program, name string }

// Invoke starts a container for one payload.
func (c container) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	arguments := append([]string{"invoke", c.name, "--event", "-"}, strings.Fields(os.Getenv("SAM"))...)
	cmd := exec.CommandContext(ctx, c.program, arguments...)
	var log bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(payload), &log
	answer, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("sam local invoke %s: %w\n%s", c.name, err, &log)
	}
	var tight bytes.Buffer // sam adds spaces to the function's answer
	if err := json.Compact(&tight, answer); err != nil {
		return nil, fmt.Errorf("sam local invoke %s: %w: %s\n%s", c.name, err, answer, &log)
	}
	return tight.Bytes(), nil
}

// dependencies have a table of their own, or the table of the functions in containers.
func dependencies(t *testing.T) apitest.Deps {
	t.Helper()
	if api := apitest.Elsewhere(t, apitest.Fixture()); api != nil {
		return api.Deps
	}
	return apitest.NewDeps(t, apitest.Fixture())
}

// reached returns the cloud of the functions in containers, or nil without sam.
func reached(t *testing.T) *cloud.Cloud {
	t.Helper()
	if os.Getenv(sam) == "" {
		return nil
	}
	c := cloud.Reach(os.Getenv(storetest.Endpoint), os.Getenv("POSTERN_SECRETS"))
	t.Cleanup(c.Stop)
	return c
}

// fill stores the document in the bucket of the functions in containers and returns the object's version.
func fill(t *testing.T, c *cloud.Cloud) string {
	t.Helper()
	bucket := aws.String(cloud.Bucket)
	_, err := c.S3Client().PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket: bucket, VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled},
	})
	if err != nil {
		t.Fatal(err)
	}
	put, err := c.S3Client().PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: bucket, Key: aws.String("documents/acme corp.json"),
		Body: bytes.NewReader(read(t, filepath.Join("directory", "apply.json"))),
	})
	if err != nil {
		t.Fatal(err)
	}
	return *put.VersionId
}

// observed are queues that receive the events and the failures of a worker in a container.
type observed struct {
	t        *testing.T
	client   *sqs.Client
	events   string
	failures string
}

func observe(t *testing.T, c *cloud.Cloud) *observed {
	t.Helper()
	o := &observed{t: t, client: c.QueueClient()}
	var err error
	if o.failures, err = c.CreateQueue(t.Context()); err != nil {
		t.Fatal(err)
	}
	queue, err := o.client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("pushes")})
	if err != nil {
		t.Fatal(err)
	}
	o.events = *queue.QueueUrl
	rule := aws.String("pushes")
	_, err = c.EventsClient().PutRule(t.Context(), &eventbridge.PutRuleInput{
		Name: rule, EventPattern: aws.String(fmt.Sprintf(`{"source":[%q]}`, postreceive.Source)),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.EventsClient().PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: rule, Targets: []types.Target{
		{Id: rule, Arn: aws.String("arn:aws:sqs:us-east-1:123456789012:pushes")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// received returns the details of new events and the sort keys of new failures since the last call.
func (o *observed) received() *outside {
	o.t.Helper()
	out := &outside{events: []any{}, failures: []any{}}
	for _, body := range o.receive(o.events) {
		out.events = append(out.events, body["detail"])
	}
	for _, body := range o.receive(o.failures) {
		out.failures = append(out.failures, body["sk"])
	}
	return out
}

func (o *observed) receive(queue string) []map[string]any {
	o.t.Helper()
	var all []map[string]any
	for {
		page, err := o.client.ReceiveMessage(o.t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &queue, MaxNumberOfMessages: 10})
		if err != nil {
			o.t.Fatal(err)
		}
		if len(page.Messages) == 0 {
			return all
		}
		for _, m := range page.Messages {
			var body map[string]any
			if err := json.Unmarshal([]byte(*m.Body), &body); err != nil {
				o.t.Fatal(err)
			}
			all = append(all, body)
			_, err := o.client.DeleteMessage(o.t.Context(), &sqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: m.ReceiptHandle})
			if err != nil {
				o.t.Fatal(err)
			}
		}
	}
}
