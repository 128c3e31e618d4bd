package store_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"postern/shared/gitlab"
	"postern/shared/requestlog"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// manyRecords is the variable that lets the test list so many identities, too.
const manyRecords = "POSTERN_RECORDS"

// A page costs three calls wherever it begins, and as many units at the end of a long list as at its beginning, give or take
// a block: the offset is never read.
func TestAPageCostsTheSameInALongList(t *testing.T) {
	sizes := []int{10, 1000}
	if n, err := strconv.Atoi(os.Getenv(manyRecords)); err == nil {
		sizes = append(sizes, n)
	}
	for _, n := range sizes {
		t.Run(fmt.Sprintf("%d identities", n), func(t *testing.T) {
			w := newWorld(t, provisioned)
			const first = 1_000_000
			fill(t, w.dynamodb(), w.table, listedIdentities(21, n, first, time.Now().UTC()))
			starts := []int{1, n/2 + 1, max(1, n-19)}
			for _, start := range starts {
				for i := start - 1; i < min(start+19, n); i++ {
					w.putUser(first + gitlab.ID(i))
				}
			}
			if _, err := w.reader.ListSCIMUsers(t.Context(), beta, 1, 0); err != nil {
				t.Fatal(err)
			}
			for _, start := range starts {
				line := &requestlog.Record{}
				began := time.Now()
				page, err := w.reader.ListSCIMUsers(requestlog.With(t.Context(), line), beta, start, 20)
				took := time.Since(began)
				if err != nil || page.Total != n || len(page.Users) != min(20, n-start+1) || page.Users[0].Identity.ExternUID != "u-"+strconv.Itoa(start-1) {
					t.Fatalf("from %d: %d of %d, %v", start, len(page.Users), page.Total, err)
				}
				read, _ := line.Units()
				t.Logf("from %d: %d calls, %.0f read units, %v", start, line.Calls(), read, took.Round(100*time.Microsecond))
				if most := 110 + float64(n)/3000; line.Calls() != 3 || read > most {
					t.Errorf("from %d: %d calls and %v read units, want 3 and at most %v", start, line.Calls(), read, most)
				}
			}
		})
	}
}

// putUser writes a user's own item alone, which is all that lists read.
func (w *world) putUser(id gitlab.ID) {
	w.t.Helper()
	user := gitlab.DefaultUser()
	user.ID, user.Username = id, "user"+strconv.FormatInt(id, 10)
	user.Email = user.Username + "@many.example"
	found, err := w.writer.Present(context.Background(), []table.Key{layout.OwnKey(layout.KindUser, id)})
	if err != nil {
		w.t.Fatal(err)
	}
	if len(found) == 0 {
		w.put(record.UserRecord(&user))
	}
}
