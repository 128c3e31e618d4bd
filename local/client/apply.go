package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"postern/local/cloud"
	"postern/local/invoke"
	"postern/shared/storetest/dynamodblocal"
)

// Apply loads directory documents into a running system through its directory function. A document is the payload of an invocation,
// or an object in a bucket if it is too large for a payload.
type Apply struct {
	URL      string // base URL of the system
	Function string // name of the directory function
	Storage  string // endpoint of the system's S3
	Bucket   string
	DryRun   bool // return the changes without writing them
}

var errFunction = errors.New("the directory function failed")

// Do loads the document in the file and returns the function's answer unchanged.
func (a Apply) Do(ctx context.Context, file string) ([]byte, error) {
	document, err := os.Open(file) //nolint:gosec // the user's document
	if err != nil {
		return nil, fmt.Errorf("directory document: %w", err)
	}
	defer func() { _ = document.Close() }()
	info, err := document.Stat()
	if err != nil {
		return nil, fmt.Errorf("directory document: %w", err)
	}
	if info.Size() > a.largest() {
		return a.throughBucket(ctx, document, info.Size())
	}
	payload, err := io.ReadAll(document)
	if err != nil {
		return nil, fmt.Errorf("directory document: %w", err)
	}
	if err := parses(payload); err != nil {
		return nil, err
	}
	if a.DryRun {
		payload = dry(payload)
	}
	return a.invoke(ctx, bytes.NewReader(payload))
}

// largest returns the largest size of a document for a payload.
func (a Apply) largest() int64 {
	if a.DryRun {
		return invoke.MaxPayload - int64(len(dryRun))
	}
	return invoke.MaxPayload
}

// parses reports the place of a JSON error. Lambda rejects such a payload without the place.
func parses(document []byte) error {
	var syntax *json.SyntaxError
	err := json.Unmarshal(document, new(json.RawMessage))
	if errors.As(err, &syntax) {
		return fmt.Errorf("the document is not valid JSON near byte %d: %w", syntax.Offset, err)
	}
	return nil
}

func (a Apply) invoke(ctx context.Context, payload io.Reader) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.URL+invoke.Path(a.Function), payload)
	if err != nil {
		return nil, fmt.Errorf("invoke the directory function: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("no running system at this address (start one with `make run`, or select one with PORT=): %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if response.StatusCode != http.StatusOK || response.Header.Get("X-Amz-Function-Error") != "" {
		return nil, fmt.Errorf("%w: %s", errFunction, message(body))
	}
	return body, nil
}

// message returns the message of an error's body: the API's ("Message") or the function's ("errorMessage").
func message(body []byte) string {
	var parsed struct{ Message, ErrorMessage string }
	if err := json.Unmarshal(body, &parsed); err != nil || parsed.Message+parsed.ErrorMessage == "" {
		return string(body)
	}
	return parsed.Message + parsed.ErrorMessage
}

// throughBucket streams the document into the bucket and sends the bucket's event to the function. Then it deletes the document,
// which may have tokens.
func (a Apply) throughBucket(ctx context.Context, document io.Reader, size int64) ([]byte, error) {
	bucket, key := aws.String(a.Bucket), aws.String(rand.Text()+".json")
	client := cloud.S3Client(dynamodblocal.Config(nil), a.Storage)
	_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, Body: document, ContentLength: aws.Int64(size)})
	if err != nil {
		return nil, fmt.Errorf("put the document into the bucket: %w", err)
	}
	event, err := created(a.Bucket, *key, size, a.DryRun)
	if err != nil {
		return nil, err
	}
	answer, err := a.invoke(ctx, bytes.NewReader(event))
	_, removed := client.DeleteObject(context.WithoutCancel(ctx), &s3.DeleteObjectInput{Bucket: bucket, Key: key})
	return answer, errors.Join(err, removed)
}

// created is the event of a bucket for a new object, and whether to preview its document only.
func created(bucket, key string, size int64, dryRun bool) ([]byte, error) {
	record := map[string]any{
		"eventSource": "aws:s3",
		"eventName":   "ObjectCreated:Put",
		"awsRegion":   dynamodblocal.Region,
		"s3": map[string]any{
			"bucket": map[string]any{"name": bucket},
			"object": map[string]any{"key": key, "size": size},
		},
	}
	return json.Marshal(map[string]any{"Records": []any{record}, "dry_run": dryRun})
}
