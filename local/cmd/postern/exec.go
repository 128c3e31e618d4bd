package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"time"

	"postern/local/cloud"
	"postern/shared/storetest/dynamodblocal"
)

var errNoCommand = errors.New("usage: postern exec|containers|rehearse -- command [argument]")

// execute runs a command with a new cloud on free ports, and stops the cloud after the command. POSTERN_DYNAMODB and POSTERN_SECRETS
// are its endpoints. The exit status is the command's.
func execute(ctx context.Context, root string, line []string) error {
	c, err := cloud.Start(ctx, cloud.Options{Root: root})
	if err != nil {
		return err
	}
	defer c.Stop()
	return runLine(ctx, line, "POSTERN_DYNAMODB="+c.DynamoDB, "POSTERN_SECRETS="+c.Secrets)
}

// runLine runs a command line with the credentials of local servers and additional variables.
func runLine(ctx context.Context, line []string, variables ...string) error {
	cmd := exec.CommandContext(ctx, line[0], line[1:]...) //nolint:gosec // the user's command
	cmd.Env = append(os.Environ(), localVariables(variables...)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	// Ctrl-C reaches the command too. It can stop cleanly before it is killed.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	return cmd.Run()
}

// localVariables returns the credentials of local servers and the given variables.
func localVariables(variables ...string) []string {
	return append([]string{
		"AWS_ACCESS_KEY_ID=" + dynamodblocal.Key,
		"AWS_SECRET_ACCESS_KEY=" + dynamodblocal.Key,
		"AWS_REGION=" + dynamodblocal.Region,
		"AWS_EC2_METADATA_DISABLED=true",
	}, variables...)
}
