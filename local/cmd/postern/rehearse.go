package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"postern/local/bridge"
	"postern/local/cloud"
	"postern/shared/storetest/process"
)

// buildTime is the longest time for sam to build and serve all functions.
const buildTime = 10 * time.Minute

// rehearse runs a command beside the functions in containers (local/sam), with a new cloud. The environment has their URL
// (POSTERN_URL), the program that invokes one (POSTERN_SAM), and its variables. The variable SAM has additional arguments of
// `sam local start-api`.
func rehearse(ctx context.Context, root string, line []string) error {
	c, err := cloud.Start(ctx, cloud.Options{Root: root})
	if err != nil {
		return interrupted(ctx, err)
	}
	defer c.Stop()
	if err := c.CreateBucket(ctx); err != nil {
		return interrupted(ctx, err)
	}
	environment, err := functionVariables(ctx, c)
	if err != nil {
		return interrupted(ctx, err)
	}
	url, stop, err := startAPI(ctx, root, localVariables(environment...))
	if err != nil {
		return interrupted(ctx, err)
	}
	defer stop()
	return interrupted(ctx, runLine(ctx, line, append(environment,
		"BUILT=yes",
		"POSTERN_SAM="+filepath.Join(root, "local", "sam"),
		"POSTERN_URL="+url,
		"POSTERN_TABLE="+cloud.Table,
		"POSTERN_DYNAMODB="+c.DynamoDB,
		"POSTERN_SECRETS="+c.Secrets,
		"POSTERN_HOST="+bridge.Host(bridge.Network),
	)...))
}

// startAPI starts `sam local start-api` on a free port and waits for an answer.
func startAPI(ctx context.Context, root string, environment []string) (url string, stop func(), err error) {
	port, err := process.Port(ctx, 0)
	if err != nil {
		return "", nil, err
	}
	log := filepath.Join(root, ".cache", "sam", "start-api.log")
	if err := os.MkdirAll(filepath.Dir(log), 0o700); err != nil {
		return "", nil, fmt.Errorf("log of sam: %w", err)
	}
	line := []string{filepath.Join(root, "local", "sam"), "start-api", "--port", strconv.Itoa(port)}
	child, err := process.Start(process.Command{
		Name: "sam local start-api", Args: append(line, strings.Fields(os.Getenv("SAM"))...), Env: environment, Log: log,
	})
	if err != nil {
		return "", nil, err
	}
	url = "http://127.0.0.1:" + strconv.Itoa(port)
	if err := process.Ready(ctx, child, url, buildTime); err != nil {
		child.Stop()
		return "", nil, err
	}
	return url, child.Stop, nil
}
