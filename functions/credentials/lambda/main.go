// The credentials function.
package main

import (
	"crypto/rand"
	"net/http"
	"os"
	"time"

	"postern/functions/credentials"
	"postern/shared/config"
	"postern/shared/lambdahttp"
	"postern/shared/store"
)

func main() {
	if err := lambdahttp.Start(build, config.TableName, config.ShellSecretID, config.TokenSecretID); err != nil {
		os.Exit(1) // Start has logged why
	}
}

func build(r *lambdahttp.Runtime) (http.Handler, error) {
	return credentials.New(credentials.Deps{
		Store: store.Open(r.AWS, r.Config.TableName), Shell: r.Shell, Tokens: r.Tokens,
		Now: time.Now, Random: rand.Reader, HTTP: r.HTTP,
	}), nil
}
