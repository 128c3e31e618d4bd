// The directory function.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"postern/functions/directory"
	"postern/shared/config"
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
	r, err := lambdahttp.Boot(context.Background(), os.Stdout, os.Getenv, config.TableName)
	if err != nil {
		return err
	}
	lambda.Start(directory.New(directory.Deps{
		Store:   store.Open(r.AWS, r.Config.TableName),
		Objects: s3.NewFromConfig(r.AWS),
		Logger:  r.Logger,
		Metrics: r.Config.Metrics,
		Now:     time.Now,
	}))
	return nil
}
