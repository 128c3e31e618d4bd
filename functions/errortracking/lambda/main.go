// The errortracking function.
package main

import (
	"net/http"
	"os"

	"postern/functions/errortracking"
	"postern/shared/config"
	"postern/shared/lambdahttp"
	"postern/shared/store"
)

func main() {
	if err := lambdahttp.Start(build, config.TableName, config.ShellSecretID); err != nil {
		os.Exit(1) // Start has logged why
	}
}

func build(r *lambdahttp.Runtime) (http.Handler, error) {
	return errortracking.New(errortracking.Deps{Store: store.Open(r.AWS, r.Config.TableName), Shell: r.Shell, HTTP: r.HTTP}), nil
}
