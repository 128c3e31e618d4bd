// The gitaccess function.
package main

import (
	"net/http"
	"os"
	"time"

	"postern/functions/gitaccess"
	"postern/shared/auth"
	"postern/shared/config"
	"postern/shared/gitaly"
	"postern/shared/lambdahttp"
	"postern/shared/store"
)

func main() {
	if err := lambdahttp.Start(build, config.TableName, config.ShellSecretID); err != nil {
		os.Exit(1) // Start has logged why
	}
}

func build(r *lambdahttp.Runtime) (http.Handler, error) {
	table := store.Open(r.AWS, r.Config.TableName)
	return gitaccess.New(gitaccess.Deps{
		Store:  table,
		Gitaly: gitaly.New(gitaly.Options{Now: time.Now}),
		Shell:  r.Shell,
		Admin:  auth.NewAdministrator(table, time.Now),
		Now:    time.Now,
		HTTP:   r.HTTP,
	}), nil
}
