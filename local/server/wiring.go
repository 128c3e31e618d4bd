package server

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"postern/functions/agents"
	"postern/functions/credentials"
	"postern/functions/directory"
	"postern/functions/errortracking"
	"postern/functions/gitaccess"
	"postern/functions/groupscim"
	"postern/functions/hooks"
	"postern/functions/instance"
	"postern/functions/instancescim"
	"postern/functions/lfs"
	"postern/functions/rotation"
	"postern/functions/sshkeys"
	"postern/functions/starboard"
	"postern/functions/storagelimits"
	"postern/local/cloud"
	"postern/local/invoke"
	"postern/shared/auth"
	"postern/shared/config"
	"postern/shared/credential"
	"postern/shared/gitaly"
	"postern/shared/httpapi"
	"postern/shared/provisioning"
	"postern/shared/secrets"
	"postern/shared/store"
)

// New returns every function as one handler, on the table and the secrets of the cloud. The families share nothing
// with each other but the table, as in a deployment. Configuration is what a deployed function would read; the log
// gets one line for each request.
func New(ctx context.Context, c *cloud.Cloud, conf config.Config, log *slog.Logger) (http.Handler, error) {
	shell, err := secrets.New(ctx, c.SecretsClient(), cloud.ShellSecret, auth.Shell.Key, secrets.Options{Now: time.Now, Logger: log})
	if err != nil {
		return nil, fmt.Errorf("secret of gitlab-shell: %w", err)
	}
	tokens, err := secrets.New(ctx, c.SecretsClient(), cloud.TokenSecret, credential.Key, secrets.Options{Now: time.Now, Logger: log})
	if err != nil {
		return nil, fmt.Errorf("secret of credentials: %w", err)
	}
	kas, err := secrets.New(ctx, c.SecretsClient(), cloud.KASSecret, auth.KAS.Key, secrets.Options{Now: time.Now, Logger: log})
	if err != nil {
		return nil, fmt.Errorf("secret of kas: %w", err)
	}
	locks := locks{shell: auth.NewShell(shell, time.Now), kas: auth.NewKAS(kas, time.Now), tokens: tokens}
	options := httpapi.Options{
		Logger: log, Now: time.Now, Timeout: conf.GatewayTimeout, URLRoot: conf.URLRoot, FreshStart: true,
	}
	table := func() *store.Store { return store.New(c.ServingClient(), cloud.Table, time.Now) }
	documents := directory.Deps{Store: table(), Objects: c.S3Client(), Logger: log, Now: time.Now}
	rotates := rotation.Deps{
		Secrets: c.SecretsClient(), Shell: cloud.ShellSecret, KAS: cloud.KASSecret, HandOver: conf.HandOver,
		Events: announcing{c.EventsClient(), log}, Bus: cloud.Bus, Logger: log, Now: time.Now, Random: rand.Reader,
	}
	return mount(table, locks, options, invoke.API{
		DirectoryFunction: directory.New(documents), RotationFunction: rotation.New(rotates),
	}), nil
}

// locks let in the callers, and give them what opens others.
type locks struct {
	shell, kas httpapi.Authenticator
	tokens     credential.KeySource
}

// mount puts the families behind one gateway, each on a store of its own.
func mount(table func() *store.Store, l locks, o httpapi.Options, functions invoke.API) *gateway {
	git := gitaccess.Deps{Store: table(), Gitaly: gitaly.New(gitaly.Options{Now: o.Now}), Shell: l.shell, Now: o.Now, HTTP: o}
	git.Admin = auth.NewAdministrator(table(), o.Now)
	push := hooks.Deps{Store: table(), Shell: l.shell, Now: o.Now, HTTP: o}
	keys := sshkeys.Deps{Store: table(), Shell: l.shell, HTTP: o}
	files := lfs.Deps{Store: table(), Shell: l.shell, Tokens: l.tokens, Now: o.Now, Random: rand.Reader, HTTP: o}
	people := credentials.Deps{Store: table(), Shell: l.shell, Tokens: l.tokens, Now: o.Now, Random: rand.Reader, HTTP: o}
	tracking := errortracking.Deps{Store: table(), Shell: l.shell, HTTP: o}
	limits := storagelimits.Deps{Store: table(), HTTP: o}
	about := instance.Deps{Store: table(), Shell: l.shell, HTTP: o}
	agent := agents.Deps{Store: table(), KAS: l.kas, HTTP: o}
	scans := starboard.Deps{Store: table(), KAS: l.kas, HTTP: o}
	groups := groupscim.Deps{Store: table(), HTTP: o}
	accounts := instancescim.Deps{Store: table(), HTTP: o}
	return &gateway{
		families: []family{
			{gitaccess.Routes(git), gitaccess.New(git)},
			{hooks.Routes(push), hooks.New(push)},
			{sshkeys.Routes(keys), sshkeys.New(keys)},
			{lfs.Routes(files), lfs.New(files)},
			{credentials.Routes(people), credentials.New(people)},
			{errortracking.Routes(tracking), errortracking.New(tracking)},
			{storagelimits.Routes(limits), storagelimits.New(limits)},
			{instance.Routes(about), instance.New(about)},
			{agents.Routes(agent), agents.New(agent)},
			{starboard.Routes(scans), starboard.New(scans)},
		},
		below: map[string]http.Handler{
			strings.TrimSuffix(provisioning.Groups, "/:group_path"): groupscim.New(groups),
			provisioning.Instance: instancescim.New(accounts),
		},
		unmatched: httpapi.Unmatched(o),
		functions: functions,
		urlRoot:   o.URLRoot,
	}
}

// The names under which functions are invoked.
const (
	DirectoryFunction = "directory"
	RotationFunction  = "rotation"
)
