// The sshkeys function.
package main

import (
	"net/http"
	"os"

	"postern/functions/sshkeys"
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
	return sshkeys.New(sshkeys.Deps{Store: store.Open(r.AWS, r.Config.TableName), Shell: r.Shell, HTTP: r.HTTP}), nil
}
