// The bench program compares the cost of a warm request of each route with its floor. The floor decodes the gateway's event, runs
// the proxy adapter and verifies a JWT. Then it makes one SDK call for the same number of items. Both are measured in turn in one
// process, through the Lambda entry, against DynamoDB Local. Run it with make bench.
package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"postern/shared/lambdahttp"
	"postern/shared/storetest"
	"postern/shared/storetest/definition"
	"postern/shared/storetest/dynamodblocal"
	"postern/shared/table"
)

// functionMemory is the functions' memory in the template, in MB. It determines the settings of the garbage collector.
const functionMemory = 512

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	requests := flag.Int("n", 4000, "requests measured for each route")
	largest := flag.Int("growth", 0, "measures operations on large sets instead, up to this number of members, such as 1000000")
	flag.Parse()
	lambdahttp.SpareCollector(functionMemory)
	ctx := context.Background()
	table, client, err := newTable(ctx)
	if err != nil {
		return err
	}
	defer func() {
		_, _ = client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &table}) // the server ends with the program
	}()
	if *largest > 0 {
		return printGrowth(ctx, dynamodblocal.Client(os.Getenv(storetest.Endpoint), nil), table, *largest)
	}
	past, err := newHistory(ctx)
	if err != nil {
		return err
	}
	defer past.close()
	rows, err := routes(ctx, &recorder{API: client}, client, table, past)
	if err != nil {
		return err
	}
	printHeader()
	for _, r := range rows {
		cost, floor, err := compare(r, *requests)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		printRow(r, cost, floor)
	}
	return nil
}

// newTable creates a table on the DynamoDB Local of the environment.
func newTable(ctx context.Context) (string, *dynamodb.Client, error) {
	endpoint := os.Getenv(storetest.Endpoint)
	if endpoint == "" {
		return "", nil, fmt.Errorf("%s is not set, use make bench", storetest.Endpoint)
	}
	root, err := definition.Here()
	if err != nil {
		return "", nil, err
	}
	d, err := definition.Read(filepath.Join(root, definition.Template))
	if err != nil {
		return "", nil, err
	}
	cfg, err := lambdahttp.AWS(ctx)
	if err != nil {
		return "", nil, err
	}
	client := dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { o.BaseEndpoint = aws.String(endpoint) })
	name := "bench-" + rand.Text()
	// A new server may take longer than the timeout of a function's client.
	_, err = d.Create(ctx, dynamodblocal.Client(endpoint, nil), name)
	return name, client, err
}

// recorder records the last read for the floor.
type recorder struct {
	table.API
	batch *dynamodb.BatchGetItemInput
	get   *dynamodb.GetItemInput
}

func (r *recorder) BatchGetItem(
	ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.BatchGetItemOutput, error) {
	r.batch, r.get = in, nil
	return r.API.BatchGetItem(ctx, in, o...)
}

func (r *recorder) GetItem(
	ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	r.batch, r.get = nil, in
	return r.API.GetItem(ctx, in, o...)
}
