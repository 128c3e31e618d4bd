package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"postern/local/client"
	"postern/local/cloud"
	"postern/local/docs"
	"postern/local/secretfile"
	"postern/local/server"
	"postern/local/settings"
	"postern/local/state"
	"postern/shared/auth"
	"postern/shared/config"
)

// The defaults of the template's parameters.
const (
	gatewayTimeout = 29 * time.Second
	handOver       = 24 * time.Hour
)

// system is the running system.
type system struct {
	invocation
	settings     settings.Settings
	listener     net.Listener
	cloud        *cloud.Cloud
	repositories *repositories
	queue        string       // URL of the queue of failures
	log          *slog.Logger // the functions' log
	isNew        bool         // the table is new and empty
}

// run starts the system, prints its addresses, and stops it at the end of the context.
func run(ctx context.Context, i invocation) error {
	s, err := settings.Read(i.root, i.variables)
	if err != nil {
		return err
	}
	secrets, err := readSecrets(i, s)
	if err != nil {
		return err
	}
	// First, because a used port is the likeliest error.
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(s.Host, strconv.Itoa(s.Port)))
	if err != nil {
		return fmt.Errorf("PORT=%d cannot be served, choose another one: %w", s.Port, err)
	}
	defer func() { _ = listener.Close() }()
	repositories, err := openRepositories(ctx, s)
	if err != nil {
		return err
	}
	defer repositories.close()

	i.reportf("starting DynamoDB Local and moto's server (Secrets Manager, S3, EventBridge, SQS)")
	c, err := cloud.Start(ctx, cloud.Options{
		Root: s.Root, DynamoDBPort: s.DynamoDBPort, SecretsPort: s.SecretsPort, Data: s.Persist,
	})
	if err != nil {
		return interrupted(ctx, err)
	}
	defer c.Stop()
	y := system{invocation: i, settings: s, listener: listener, cloud: c, repositories: repositories}
	handler, err := y.fill(ctx, secrets)
	if err != nil {
		return interrupted(ctx, err)
	}
	return interrupted(ctx, y.serve(ctx, handler))
}

// interrupted turns an error after the user's interruption into success.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return nil
}

// secretTexts are the secrets in the form for Secrets Manager.
type secretTexts struct{ shell, kas string }

// readSecrets reads both secret files and creates missing ones.
func readSecrets(i invocation, s settings.Settings) (secretTexts, error) {
	text := func(kind auth.Kind, file string) (string, error) {
		made, err := secretfile.Ensure(kind, file)
		if err != nil {
			return "", err
		}
		if made {
			i.reportf("created a secret in %s", file)
		}
		return secretfile.Text(kind, file)
	}
	shell, shellErr := text(auth.Shell, s.ShellSecretFile)
	kas, kasErr := text(auth.KAS, s.KASSecretFile)
	return secretTexts{shell, kas}, errors.Join(shellErr, kasErr)
}

// fill creates the resources of a deployment and the functions.
func (y *system) fill(ctx context.Context, secrets secretTexts) (http.Handler, error) {
	var err error
	if y.isNew, err = y.cloud.CreateTable(ctx); err != nil {
		return nil, err
	}
	if err := y.cloud.PutSecrets(ctx, secrets.shell, secrets.kas); err != nil {
		return nil, err
	}
	if err := y.cloud.CreateBucket(ctx); err != nil {
		return nil, err
	}
	if y.queue, err = y.cloud.CreateQueue(ctx); err != nil {
		return nil, err
	}
	y.log = slog.New(slog.NewJSONHandler(y.progress, nil))
	return server.New(ctx, y.cloud, config.Config{GatewayTimeout: gatewayTimeout, HandOver: handOver}, y.log)
}

// serve answers requests until the context ends, a server of the cloud ends, or serving fails.
func (y *system) serve(ctx context.Context, handler http.Handler) error {
	about, port := y.describe()
	if err := state.Save(y.root, port, about); err != nil {
		return err
	}
	defer func() { _ = state.Remove(y.root, port) }()

	web := &http.Server{Handler: docs.Handler{Root: y.root, Next: handler}, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 3)
	go func() { ended <- web.Serve(y.listener) }()
	if y.repositories != nil {
		go func() { ended <- y.repositories.serve() }()
	}
	defer shutdown(web) //nolint:contextcheck // the context has ended
	watched, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { ended <- y.cloud.Ended(watched) }()
	go func() {
		if err := server.Work(watched, y.cloud, y.queue, y.log); err != nil {
			ended <- err
		}
	}()

	if err := y.loadDirectory(ctx, about); err != nil {
		return err
	}
	if err := printWelcome(y.out, about, port); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		y.reportf("stopping")
		return nil
	case err := <-ended:
		return err
	}
}

// shutdown lets requests in progress finish for a moment.
func shutdown(web *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if web.Shutdown(ctx) != nil {
		_ = web.Close() // ends the remaining requests
	}
}

// describe returns the system's addresses and its port. An address of every interface is replaced with the loopback address.
func (y *system) describe() (state.System, int) {
	host, text, _ := net.SplitHostPort(y.listener.Addr().String())
	port, _ := strconv.Atoi(text) // a listener's address is well-formed
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return state.System{
		PID:             os.Getpid(),
		URL:             "http://" + net.JoinHostPort(host, text),
		DynamoDB:        y.cloud.DynamoDB,
		Secrets:         y.cloud.Secrets,
		Gitaly:          y.repositories.address(),
		Table:           cloud.Table,
		Bucket:          cloud.Bucket,
		ShellSecretFile: y.settings.ShellSecretFile,
		KASSecretFile:   y.settings.KASSecretFile,
	}, port
}

// loadDirectory loads the document into a new table. Persisted data is loaded only if DIRECTORY is set.
func (y *system) loadDirectory(ctx context.Context, about state.System) error {
	if !y.isNew && !y.settings.DirectoryGiven {
		y.reportf("PERSIST=%s has data already: no directory is loaded (DIRECTORY= loads one)", y.settings.Persist)
		return nil
	}
	y.reportf("loading the directory %s", y.settings.Directory)
	answer, err := load(ctx, about, y.settings.Directory, false)
	if err != nil {
		return err
	}
	return client.Report(y.progress, answer)
}
