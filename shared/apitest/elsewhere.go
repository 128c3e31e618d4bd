package apitest

import (
	"os"
	"testing"

	"postern/shared/storetest"
)

// URL is the variable with the base URL of a system that runs elsewhere, such as in containers. Its table is that of
// storetest.Named, and its callers sign with Secret.
const URL = "POSTERN_URL"

// Elsewhere loads the documents into the recreated table of the system at URL and returns its API, nil if URL is unset. A
// test can use only one such API at a time.
func Elsewhere(t testing.TB, documents ...[]byte) *API {
	t.Helper()
	url := os.Getenv(URL)
	if url == "" {
		return nil
	}
	client, table := storetest.Renew(t)
	return &API{Deps: load(t, client, table, documents), URL: url}
}
