// The instancescim function.
package main

import (
	"net/http"
	"os"

	"postern/functions/instancescim"
	"postern/shared/config"
	"postern/shared/lambdahttp"
	"postern/shared/store"
)

func main() {
	if err := lambdahttp.Start(build, config.TableName); err != nil {
		os.Exit(1) // Start has logged why
	}
}

func build(r *lambdahttp.Runtime) (http.Handler, error) {
	return instancescim.New(instancescim.Deps{Store: store.Open(r.AWS, r.Config.TableName), HTTP: r.HTTP}), nil
}
