package cloud_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"go.uber.org/goleak"

	"postern/local/cloud"
	"postern/shared/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCloudHasTheResourcesOfADeployment(t *testing.T) {
	ctx := t.Context()
	c, err := cloud.Start(ctx, cloud.Options{Root: storetest.Root(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop()
	for _, want := range []bool{true, false} {
		if isNew, err := c.CreateTable(ctx); err != nil || isNew != want {
			t.Errorf("CreateTable = %v, %v; want %v", isNew, err, want)
		}
	}
	table, err := c.DynamoDBClient().DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(cloud.Table)})
	if err != nil {
		t.Fatal(err)
	}
	if stream := table.Table.StreamSpecification; stream == nil || stream.StreamViewType != types.StreamViewTypeNewAndOldImages {
		t.Errorf("stream = %+v, want new and old images", stream)
	}
	checkSecrets(t, c)
	checkBucket(t, c)
}

func checkSecrets(t *testing.T, c *cloud.Cloud) {
	t.Helper()
	if err := c.PutSecrets(t.Context(), "of shell", "of kas"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{cloud.ShellSecret: "of shell", cloud.KASSecret: "of kas"} {
		got, err := c.SecretsClient().GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String(name)})
		if err != nil || aws.ToString(got.SecretString) != want {
			t.Errorf("secret %s: %v", name, err)
		}
	}
	tokens, err := c.SecretsClient().GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String(cloud.TokenSecret)})
	if err != nil || len(aws.ToString(tokens.SecretString)) < 32 {
		t.Errorf("secret %s: %v", cloud.TokenSecret, err)
	}
	if err := c.PutSecrets(t.Context(), "again", "again"); err == nil {
		t.Error("secrets can be created twice")
	}
}

func checkBucket(t *testing.T, c *cloud.Cloud) {
	t.Helper()
	if err := c.CreateBucket(t.Context()); err != nil {
		t.Fatal(err)
	}
	object := &s3.PutObjectInput{Bucket: aws.String(cloud.Bucket), Key: aws.String("a/b"), Body: strings.NewReader("content")}
	if _, err := c.S3Client().PutObject(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	got, err := c.S3Client().GetObject(t.Context(), &s3.GetObjectInput{Bucket: object.Bucket, Key: object.Key})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	if content, err := io.ReadAll(got.Body); err != nil || string(content) != "content" {
		t.Errorf("object = %q, %v", content, err)
	}
}

func TestEndedReportsADeadServer(t *testing.T) {
	c, err := cloud.Start(t.Context(), cloud.Options{Root: storetest.Root(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Ended(ctx); err != nil {
		t.Errorf("Ended = %v when its context has ended, want nil", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Ended(t.Context()) }()
	select {
	case err := <-ended:
		t.Errorf("Ended = %v while both run", err)
	case <-time.After(50 * time.Millisecond):
	}
	c.Stop()
	if err := <-ended; err == nil {
		t.Error("Ended = nil when the servers have ended")
	}
}

func TestStartStopsServersAfterAnError(t *testing.T) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	_, err = cloud.Start(t.Context(), cloud.Options{Root: storetest.Root(t), SecretsPort: taken.Addr().(*net.TCPAddr).Port})
	if err == nil || !strings.Contains(err.Error(), "moto's server: port") {
		t.Errorf("error = %v, want moto's port in it", err)
	}
}

func TestStartReportsAMissingSetup(t *testing.T) {
	_, err := cloud.Start(t.Context(), cloud.Options{Root: t.TempDir()})
	if !errors.Is(err, cloud.ErrNotSetUp) || !strings.Contains(err.Error(), "make setup") {
		t.Errorf("error = %v, want ErrNotSetUp", err)
	}
}
