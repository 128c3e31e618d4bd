// The hooks function.
package main

import (
	"net/http"
	"os"
	"time"

	"postern/functions/hooks"
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
	return hooks.New(hooks.Deps{Store: store.Open(r.AWS, r.Config.TableName), Shell: r.Shell, Now: time.Now, HTTP: r.HTTP}), nil
}
