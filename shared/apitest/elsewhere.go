package apitest

import (
	"os"
	"testing"

	"postern/shared/storetest"
)

// URL is the variable that names the base URL of a system which is served elsewhere, such as in containers. Its table is the one
// that storetest.Named names, and its callers' secret is Secret.
const URL = "POSTERN_URL"

// Elsewhere returns the system that URL names, after it has loaded the documents into its table, which held something else
// before: a test has one such API at a time. It is nil where the variable names none.
func Elsewhere(t testing.TB, documents ...[]byte) *API {
	t.Helper()
	url := os.Getenv(URL)
	if url == "" {
		return nil
	}
	client, table := storetest.Renew(t)
	return &API{Deps: load(t, client, table, documents), URL: url}
}
