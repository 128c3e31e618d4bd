package main

import (
	"context"
	"os"

	"postern/local/bridge"
	"postern/local/cloud"
	"postern/local/settings"
	"postern/shared/storetest/dynamodblocal"
)

// containers runs a command that runs the functions in containers (local/sam), beside the running system that PORT
// names. Its environment tells the functions where that system's table and secrets are; the way there is open as long
// as this program runs. Its failure is ours, with its status; to be ended by Ctrl-C is none.
func containers(ctx context.Context, root string, line []string) error {
	variables, err := settings.Parse(nil, os.Getenv)
	if err != nil {
		return err
	}
	system, err := running(invocation{root: root, variables: variables})
	if err != nil {
		return err
	}
	dynamodb, err := bridge.Open(ctx, bridge.Network, system.DynamoDB)
	if err != nil {
		return err
	}
	secrets, err := bridge.Open(ctx, bridge.Network, system.Secrets)
	if err != nil {
		return err
	}
	return interrupted(ctx, runLine(ctx, line,
		"TABLE_NAME="+system.Table,
		"SHELL_SECRET_ID="+cloud.ShellSecret,
		"KAS_SECRET_ID="+cloud.KASSecret,
		"TOKEN_SECRET_ID="+cloud.TokenSecret,
		"AWS_ENDPOINT_URL_DYNAMODB="+dynamodb,
		"AWS_ENDPOINT_URL_SECRETS_MANAGER="+secrets,
		"AWS_ENDPOINT_URL_S3="+secrets,
		"AWS_DEFAULT_REGION="+dynamodblocal.Region,
		"AWS_SESSION_TOKEN=", // of the user's own account
	))
}
