// The agents function.
package main

import (
	"net/http"
	"os"

	"postern/functions/agents"
	"postern/shared/config"
	"postern/shared/lambdahttp"
	"postern/shared/store"
)

func main() {
	if err := lambdahttp.Start(build, config.TableName, config.KASSecretID); err != nil {
		os.Exit(1) // Start has logged why
	}
}

func build(r *lambdahttp.Runtime) (http.Handler, error) {
	return agents.New(agents.Deps{Store: store.Open(r.AWS, r.Config.TableName), KAS: r.KAS, HTTP: r.HTTP}), nil
}
