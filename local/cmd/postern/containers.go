package main

import (
	"context"
	"net/url"
	"os"

	"postern/local/bridge"
	"postern/local/cloud"
	"postern/local/settings"
	"postern/shared/storetest/dynamodblocal"
)

// containers runs a command that runs the functions in containers (local/sam), beside the running system of PORT. The environment of
// the command has addresses of that system's table and secrets. The addresses work while this program runs. The exit status is the
// command's, or 0 after Ctrl-C.
func containers(ctx context.Context, root string, line []string) error {
	variables, err := settings.Parse(nil, os.Getenv)
	if err != nil {
		return err
	}
	system, err := running(invocation{root: root, variables: variables})
	if err != nil {
		return err
	}
	c := cloud.Reach(system.DynamoDB, system.Secrets)
	defer c.Stop()
	environment, err := functionVariables(ctx, c)
	if err != nil {
		return err
	}
	return interrupted(ctx, runLine(ctx, line, environment...))
}

// functionVariables returns the variables of functions in containers. The addresses in them work until the context ends.
func functionVariables(ctx context.Context, c *cloud.Cloud) ([]string, error) {
	dynamodb, err := bridge.Open(ctx, bridge.Network, c.DynamoDB)
	if err != nil {
		return nil, err
	}
	secrets, err := bridge.Open(ctx, bridge.Network, c.Secrets)
	if err != nil {
		return nil, err
	}
	queue, err := c.CreateQueue(ctx) // returns an existing queue
	if err != nil {
		return nil, err
	}
	name, err := url.Parse(queue)
	if err != nil {
		return nil, err
	}
	return []string{
		"TABLE_NAME=" + cloud.Table,
		"SHELL_SECRET_ID=" + cloud.ShellSecret,
		"KAS_SECRET_ID=" + cloud.KASSecret,
		"TOKEN_SECRET_ID=" + cloud.TokenSecret,
		"EVENT_BUS=" + cloud.Bus,
		"FAILURES_QUEUE_URL=" + secrets + name.Path,
		"AWS_ENDPOINT_URL_DYNAMODB=" + dynamodb,
		"AWS_ENDPOINT_URL_SECRETS_MANAGER=" + secrets,
		"AWS_ENDPOINT_URL_S3=" + secrets,
		"AWS_ENDPOINT_URL_EVENTBRIDGE=" + secrets,
		"AWS_ENDPOINT_URL_SQS=" + secrets,
		"AWS_DEFAULT_REGION=" + dynamodblocal.Region,
		"AWS_SESSION_TOKEN=", // not that of the user's own account
	}, nil
}
