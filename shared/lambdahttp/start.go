package lambdahttp

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"postern/shared/auth"
	"postern/shared/config"
	"postern/shared/credential"
	"postern/shared/httpapi"
	"postern/shared/secrets"
	"postern/shared/trace"
)

// startTimeout bounds everything that is fetched before the first request; Lambda gives the init phase 10 s.
const startTimeout = 8 * time.Second

// Runtime is what the environment provides to a function.
type Runtime struct {
	Config config.Config
	AWS    aws.Config
	Logger *slog.Logger
	Tracer *trace.Tracer         // nil where nothing is traced
	Shell  httpapi.Authenticator // lets in gitlab-shell and Gitaly; nil, which lets in nobody, without its secret's id
	KAS    httpapi.Authenticator // lets in kas; as Shell
	Tokens credential.KeySource  // has the keys that credentials are made with; nil without their secret's id
	HTTP   httpapi.Options       // the family's name is still to be filled in
}

// Start runs a family as a Lambda and does not return while that goes well. Build makes its handler, need are the
// variables that the family cannot do without. A failure before the first event is logged as one JSON line and
// returned, so that main only has to exit.
func Start(build func(*Runtime) (http.Handler, error), need ...config.Variable) error {
	handler, err := prepare(os.Stdout, os.Getenv, build, need...)
	if err != nil {
		return err
	}
	lambda.Start(handler)
	return nil
}

// prepare does everything that comes before the first event, so that what can fail fails in the init phase, where
// the service shows it, and not with somebody's push.
func prepare(
	out io.Writer, getenv func(string) string,
	build func(*Runtime) (http.Handler, error), need ...config.Variable,
) (handler lambda.Handler, err error) {
	defer func() {
		if err != nil {
			slog.New(slog.NewJSONHandler(out, nil)).Error("start failed", "cause", err.Error())
		}
	}()
	SpareCollector(functionMemory(getenv))
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	runtime, err := Boot(ctx, out, getenv, need...)
	if err != nil {
		return nil, err
	}
	family, err := build(runtime)
	if err != nil {
		return nil, err
	}
	return Entry(family), nil
}

// Boot reads the configuration, sets up the SDK and fetches the secrets whose ids are configured. The log goes to out
// as JSON. All problems of the configuration are reported in one error.
func Boot(ctx context.Context, out io.Writer, getenv func(string) string, need ...config.Variable) (*Runtime, error) {
	cfg, err := config.Load(getenv, need...)
	if err != nil {
		return nil, err
	}
	sdk, err := AWS(ctx)
	if err != nil {
		return nil, err
	}
	r := &Runtime{Config: cfg, AWS: sdk}
	r.Logger = slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: cfg.LogLevel}))
	if r.Tracer, err = trace.Open(cfg.XRayDaemon); err != nil {
		r.Logger.Warn("requests are not traced", "cause", err.Error()) // no reason not to answer them
	}
	r.HTTP = httpapi.Options{
		Logger: r.Logger, Metrics: cfg.Metrics, Tracer: r.Tracer, Now: time.Now, Timeout: cfg.GatewayTimeout, URLRoot: cfg.URLRoot,
		FreshStart: true,
	}
	if err := r.authenticate(ctx, secretsmanager.NewFromConfig(sdk)); err != nil {
		return nil, err
	}
	return r, nil
}

// authenticate makes the verifiers of the callers whose secrets there are, and fetches what credentials are made with.
func (r *Runtime) authenticate(ctx context.Context, api secrets.API) error {
	if id := r.Config.ShellSecretID; id != "" {
		source, err := r.source(ctx, api, id, auth.Shell.StoredKey)
		if err != nil {
			return err
		}
		r.Shell = auth.NewShell(source, time.Now)
	}
	if id := r.Config.KASSecretID; id != "" {
		source, err := r.source(ctx, api, id, auth.KAS.StoredKey)
		if err != nil {
			return err
		}
		r.KAS = auth.NewKAS(source, time.Now)
	}
	if id := r.Config.TokenSecretID; id != "" {
		source, err := r.source(ctx, api, id, credential.Key)
		if err != nil {
			return err
		}
		r.Tokens = source
	}
	return nil
}

// source fetches one secret.
func (r *Runtime) source(
	ctx context.Context, api secrets.API, id string, parse func(string) ([]byte, error),
) (*secrets.Source, error) {
	return secrets.New(ctx, api, id, parse, secrets.Options{Now: time.Now, Logger: r.Logger, Metrics: r.Config.Metrics})
}
