// The rotation function.
package main

import (
	"context"
	"crypto/rand"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"postern/functions/rotation"
	"postern/shared/config"
	"postern/shared/lambdahttp"
)

func main() {
	if err := run(); err != nil {
		slog.New(slog.NewJSONHandler(os.Stdout, nil)).Error("start failed", "cause", err.Error())
		os.Exit(1)
	}
}

// run does not fetch a secret at start, unlike the families, because the function also creates the first version.
func run() error {
	c, err := config.Load(os.Getenv, config.ShellSecretID, config.KASSecretID, config.EventBus)
	if err != nil {
		return err
	}
	sdk, err := lambdahttp.AWS(context.Background())
	if err != nil {
		return err
	}
	lambda.Start(rotation.New(rotation.Deps{
		Secrets: secretsmanager.NewFromConfig(sdk), Shell: c.ShellSecretID, KAS: c.KASSecretID, HandOver: c.HandOver,
		Events: eventbridge.NewFromConfig(sdk), Bus: c.EventBus,
		Logger:  slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: c.LogLevel})),
		Metrics: c.Metrics, Now: time.Now, Random: rand.Reader,
	}))
	return nil
}
