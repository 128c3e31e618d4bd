// The PostReceive worker.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"postern/functions/postreceive"
	"postern/shared/config"
	"postern/shared/gitaly"
	"postern/shared/lambdahttp"
	"postern/shared/store"
)

func main() {
	if err := run(); err != nil {
		slog.New(slog.NewJSONHandler(os.Stdout, nil)).Error("start failed", "cause", err.Error())
		os.Exit(1)
	}
}

func run() error {
	r, err := lambdahttp.Boot(context.Background(), os.Stdout, os.Getenv,
		config.TableName, config.EventBus, config.FailuresQueueURL)
	if err != nil {
		return err
	}
	lambda.Start(postreceive.New(postreceive.Deps{
		Store:    store.Open(r.AWS, r.Config.TableName),
		Gitaly:   gitaly.New(gitaly.Options{Now: time.Now}),
		Events:   eventbridge.NewFromConfig(r.AWS),
		Bus:      r.Config.EventBus,
		Failures: sqs.NewFromConfig(r.AWS),
		Queue:    r.Config.FailuresQueueURL,
		Logger:   r.Logger,
		Metrics:  r.Config.Metrics,
		Tracer:   r.Tracer,
		Now:      time.Now,
	}))
	return nil
}
