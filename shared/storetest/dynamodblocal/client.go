package dynamodblocal

import (
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Region and Key are placeholders. Local servers check neither.
const (
	Region = "us-east-1"
	Key    = "local"
)

// Client returns a client for DynamoDB Local at an endpoint. A nil HTTP client selects the SDK's own. The client reads
// neither environment nor files.
func Client(endpoint string, doer *http.Client) *dynamodb.Client {
	return dynamodb.NewFromConfig(Config(doer), func(o *dynamodb.Options) { o.BaseEndpoint = aws.String(endpoint) })
}

// Config returns the SDK's configuration for local servers, with fixed region and credentials.
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
