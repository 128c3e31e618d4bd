package directory_test

import (
	"testing"

	"postern/shared/apitest"
	"postern/shared/directory"
	"postern/shared/store"
	"postern/shared/storetest"
	"time"
)

func TestFixture(t *testing.T) {
	client, table := storetest.Open(t)
	s := store.New(client, table, time.Now)
	for range 2 {
		res, err := directory.Load(t.Context(), s, apitest.Fixture())
		if err != nil {
			t.Fatal(err)
		}
		t.Log(res.Mistakes)
		t.Log(res.Counts)
	}
}
