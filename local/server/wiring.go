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

// New returns all functions as one handler, with the table and the secrets of the cloud. The families share nothing but the
// table, as in a deployment. The configuration is that of a deployed function. The log gets one line for each request.
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
	a := authentication{shell: auth.NewShell(shell, time.Now), kas: auth.NewKAS(kas, time.Now), tokens: tokens}
	options := httpapi.Options{
		Logger: log, Now: time.Now, Timeout: conf.GatewayTimeout, URLRoot: conf.URLRoot, FreshStart: true,
	}
	table := func() *store.Store { return store.New(c.ServingClient(), cloud.Table, time.Now) }
	documents := directory.Deps{Store: table(), Objects: c.S3Client(), Logger: log, Now: time.Now}
	rotates := rotation.Deps{
		Secrets: c.SecretsClient(), Shell: cloud.ShellSecret, KAS: cloud.KASSecret, HandOver: conf.HandOver,
		Events: announcing{c.EventsClient(), log}, Bus: cloud.Bus, Logger: log, Now: time.Now, Random: rand.Reader,
	}
	return mount(table, a, options, invoke.API{
		DirectoryFunction: directory.New(documents), RotationFunction: rotation.New(rotates),
	}), nil
}

// authentication has the authenticators of the callers, with the keys that sign credentials.
type authentication struct {
	shell, kas httpapi.Authenticator
	tokens     credential.KeySource
}

// mount puts the families behind one gateway, each with a store of its own.
func mount(table func() *store.Store, a authentication, o httpapi.Options, functions invoke.API) *gateway {
	gitDeps := gitaccess.Deps{Store: table(), Gitaly: gitaly.New(gitaly.Options{Now: o.Now}), Shell: a.shell, Now: o.Now, HTTP: o}
	gitDeps.Admin = auth.NewAdministrator(table(), o.Now)
	hookDeps := hooks.Deps{Store: table(), Shell: a.shell, Now: o.Now, HTTP: o}
	keyDeps := sshkeys.Deps{Store: table(), Shell: a.shell, HTTP: o}
	lfsDeps := lfs.Deps{Store: table(), Shell: a.shell, Tokens: a.tokens, Now: o.Now, Random: rand.Reader, HTTP: o}
	credentialDeps := credentials.Deps{Store: table(), Shell: a.shell, Tokens: a.tokens, Now: o.Now, Random: rand.Reader, HTTP: o}
	errorTrackingDeps := errortracking.Deps{Store: table(), Shell: a.shell, HTTP: o}
	limitDeps := storagelimits.Deps{Store: table(), HTTP: o}
	instanceDeps := instance.Deps{Store: table(), Shell: a.shell, HTTP: o}
	agentDeps := agents.Deps{Store: table(), KAS: a.kas, HTTP: o}
	starboardDeps := starboard.Deps{Store: table(), KAS: a.kas, HTTP: o}
	groupDeps := groupscim.Deps{Store: table(), HTTP: o}
	accountDeps := instancescim.Deps{Store: table(), HTTP: o}
	return &gateway{
		families: []family{
			{gitaccess.Routes(gitDeps), gitaccess.New(gitDeps)},
			{hooks.Routes(hookDeps), hooks.New(hookDeps)},
			{sshkeys.Routes(keyDeps), sshkeys.New(keyDeps)},
			{lfs.Routes(lfsDeps), lfs.New(lfsDeps)},
			{credentials.Routes(credentialDeps), credentials.New(credentialDeps)},
			{errortracking.Routes(errorTrackingDeps), errortracking.New(errorTrackingDeps)},
			{storagelimits.Routes(limitDeps), storagelimits.New(limitDeps)},
			{instance.Routes(instanceDeps), instance.New(instanceDeps)},
			{agents.Routes(agentDeps), agents.New(agentDeps)},
			{starboard.Routes(starboardDeps), starboard.New(starboardDeps)},
		},
		below: map[string]http.Handler{
			strings.TrimSuffix(provisioning.Groups, "/:group_path"): groupscim.New(groupDeps),
			provisioning.Instance: instancescim.New(accountDeps),
		},
		unmatched: httpapi.Unmatched(o),
		functions: functions,
		urlRoot:   o.URLRoot,
	}
}

// The names of the functions in Lambda's Invoke API.
const (
	DirectoryFunction = "directory"
	RotationFunction  = "rotation"
)
