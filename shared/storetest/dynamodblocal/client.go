package dynamodblocal

import (
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Region and Key are what local servers are told: they check neither.
const (
	Region = "us-east-1"
	Key    = "local"
)

// Client returns a client for the DynamoDB Local at the endpoint, on the given HTTP client (nil: the SDK's own). It
// reads no environment and no files.
func Client(endpoint string, doer *http.Client) *dynamodb.Client {
	return dynamodb.NewFromConfig(Config(doer), func(o *dynamodb.Options) { o.BaseEndpoint = aws.String(endpoint) })
}

// Config is the SDK's configuration for any local server: fixed region and credentials, nothing from this machine.
func Config(doer *http.Client) aws.Config {
	config := aws.Config{
		Region:      Region,
		Credentials: credentials.NewStaticCredentialsProvider(Key, Key, ""),
	}
	if doer != nil {
		config.HTTPClient = doer
	}
	return config
}
