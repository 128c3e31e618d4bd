package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"postern/local/restore"
	"postern/shared/storetest/dynamodblocal"
)

var errFrom = errors.New("FROM is missing: the folder of an export, with manifest-summary.json")

// restoreAttempts is the number of attempts of a write. A new on-demand table throttles until it has grown.
const restoreAttempts = 20

// restoreTable puts the items of a DynamoDB export into a table and keeps existing items. The table is that of the running system, or
// TABLE in the account and region of the environment.
func restoreTable(ctx context.Context, i invocation) error {
	folder := i.variables.Get("FROM")
	if folder == "" {
		return errFrom
	}
	client, table, err := restoreInto(ctx, i)
	if err != nil {
		return err
	}
	counts, err := restore.Put(ctx, client, table, os.DirFS(folder))
	_, printErr := fmt.Fprintf(i.out, "%s: %d items written, %d existed\n", table, counts.Written, counts.Existing)
	return errors.Join(err, printErr)
}

func restoreInto(ctx context.Context, i invocation) (*dynamodb.Client, string, error) {
	patient := func(o *dynamodb.Options) { o.RetryMaxAttempts = restoreAttempts }
	if table := i.variables.Get("TABLE"); table != "" {
		conf, err := awsconfig.LoadDefaultConfig(ctx)
		if err != nil {
			return nil, "", fmt.Errorf("configure AWS: %w", err)
		}
		return dynamodb.NewFromConfig(conf, patient), table, nil
	}
	system, err := running(i)
	if err != nil {
		return nil, "", err
	}
	return dynamodb.NewFromConfig(dynamodblocal.Config(nil), patient, func(o *dynamodb.Options) {
		o.BaseEndpoint = aws.String(system.DynamoDB)
	}), system.Table, nil
}
