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

// What the template's parameters are by default.
const (
	gatewayTimeout = 29 * time.Second
	handOver       = 24 * time.Hour
)

// system is the whole system while it runs.
type system struct {
	invocation
	settings     settings.Settings
	listener     net.Listener
	cloud        *cloud.Cloud
	repositories *repositories
	queue        string       // URL of the queue of failures
	log          *slog.Logger // of the functions
	isNew        bool         // the table was made now, and is empty
}

// run starts everything, says how to reach it, and ends everything when the context does.
func run(ctx context.Context, i invocation) error {
	s, err := settings.Read(i.root, i.variables)
	if err != nil {
		return err
	}
	secrets, err := readSecrets(i, s)
	if err != nil {
		return err
	}
	// Before anything slow: a port that is taken is the likeliest mistake.
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(s.Host, strconv.Itoa(s.Port)))
	if err != nil {
		return fmt.Errorf("PORT=%d cannot be served, another one may be: %w", s.Port, err)
	}
	defer func() { _ = listener.Close() }()
	repositories, err := openRepositories(ctx, s)
	if err != nil {
		return err
	}
	defer repositories.close()

	i.say("starting DynamoDB Local and moto's server (Secrets Manager, S3, EventBridge, SQS)")
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

// interrupted turns what fails because the user ended the system into a good end.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return nil
}

// secretTexts are the secrets as Secrets Manager gets them.
type secretTexts struct{ shell, kas string }

// readSecrets reads both secret files, making those that are missing.
func readSecrets(i invocation, s settings.Settings) (secretTexts, error) {
	text := func(kind auth.Kind, file string) (string, error) {
		made, err := secretfile.Ensure(kind, file)
		if err != nil {
			return "", err
		}
		if made {
			i.say("made a secret in %s", file)
		}
		return secretfile.Text(kind, file)
	}
	shell, shellErr := text(auth.Shell, s.ShellSecretFile)
	kas, kasErr := text(auth.KAS, s.KASSecretFile)
	return secretTexts{shell, kas}, errors.Join(shellErr, kasErr)
}

// fill makes what a deployment has, and the functions on top of it.
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

// serve answers requests until the context ends, one of the cloud's servers dies, or serving fails.
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
	defer shutdown(web) //nolint:contextcheck // the context has ended by then
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
		y.say("stopping")
		return nil
	case err := <-ended:
		return err
	}
}

// shutdown lets requests under way end for a moment.
func shutdown(web *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if web.Shutdown(ctx) != nil {
		_ = web.Close() // what did not end in time is cut off
	}
}

// describe says where everything is, and which port was given out. An address that means "every interface" is reached
// through the loopback one.
func (y *system) describe() (state.System, int) {
	host, text, _ := net.SplitHostPort(y.listener.Addr().String())
	port, _ := strconv.Atoi(text) // a listener's own address is well-formed
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

// loadDirectory loads the document into a new table; kept data is left as it is, unless the user named a document.
func (y *system) loadDirectory(ctx context.Context, about state.System) error {
	if !y.isNew && !y.settings.DirectoryGiven {
		y.say("PERSIST=%s has data already: no directory is loaded (DIRECTORY= loads one)", y.settings.Persist)
		return nil
	}
	y.say("loading the directory %s", y.settings.Directory)
	answer, err := load(ctx, about, y.settings.Directory, false)
	if err != nil {
		return err
	}
	return client.Report(y.progress, answer)
}
