package cloud

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"postern/shared/storetest/definition"
	"postern/shared/storetest/dynamodblocal"
)

// CreateTable creates the table of the deployment template. It reports false if persisted data has the table.
func (c *Cloud) CreateTable(ctx context.Context) (bool, error) {
	table, err := definition.Read(filepath.Join(c.root, definition.Template))
	if err != nil {
		return false, err
	}
	return table.Create(ctx, c.DynamoDBClient(), Table)
}

// PutSecrets creates the secrets: the two given ones, and a random one that signs credentials.
func (c *Cloud) PutSecrets(ctx context.Context, shell, kas string) error {
	client := c.SecretsClient()
	for name, text := range map[string]string{ShellSecret: shell, KASSecret: kas, TokenSecret: rand.Text() + rand.Text()} {
		_, err := client.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String(name), SecretString: aws.String(text)})
		if err != nil {
			return fmt.Errorf("put secret %s: %w", name, err)
		}
	}
	return nil
}

// CreateBucket creates the bucket for large directory documents.
func (c *Cloud) CreateBucket(ctx context.Context) error {
	_, err := c.S3Client().CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(Bucket)})
	if err != nil {
		return fmt.Errorf("create bucket %s: %w", Bucket, err)
	}
	return nil
}

// DynamoDBClient returns a client of DynamoDB Local.
func (c *Cloud) DynamoDBClient() *dynamodb.Client {
	return dynamodblocal.Client(c.DynamoDB, c.http)
}

// ServingClient returns a client of DynamoDB Local with the timeout of a function.
func (c *Cloud) ServingClient() *dynamodb.Client {
	return dynamodblocal.Client(c.DynamoDB, c.serving)
}

// SecretsClient returns a client of Secrets Manager.
func (c *Cloud) SecretsClient() *secretsmanager.Client {
	return secretsmanager.NewFromConfig(dynamodblocal.Config(c.http), func(o *secretsmanager.Options) {
		o.BaseEndpoint = aws.String(c.Secrets)
	})
}

// S3Client returns a client of S3.
func (c *Cloud) S3Client() *s3.Client {
	return S3Client(dynamodblocal.Config(c.http), c.Secrets)
}

// S3Client returns a client of the S3 at the endpoint, with buckets in the path.
func S3Client(config aws.Config, endpoint string) *s3.Client {
	return s3.NewFromConfig(config, func(o *s3.Options) {
		o.BaseEndpoint = aws.String(endpoint)
		o.UsePathStyle = true
	})
}
