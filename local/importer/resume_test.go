package importer_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"
	"time"
)

// However often it is cut off, wherever, an import that goes on comes to the same document, and asks for little twice.
func TestAnImportGoesOnWhereItWasCut(t *testing.T) {
	whole := start(t)
	want := records(t, whole.imported())
	for _, every := range []int{13, 17, 23} {
		t.Run(fmt.Sprintf("after every %d requests", every), func(t *testing.T) {
			g, file := start(t), filepath.Join(t.TempDir(), "directory.json")
			g.fault = func(n int, w http.ResponseWriter, _ *http.Request) bool {
				if n%every == every-1 {
					w.WriteHeader(http.StatusForbidden) // is not tried again
				}
				return n%every == every-1
			}
			runs := g.run(file)
			if got := records(t, read(t, file)); !reflect.DeepEqual(got, want) {
				t.Errorf("%v\nwant %v", got, want)
			}
			// Each time at most what two workers were at, the first page of a numbered list and the greeting are asked for again.
			if n := len(g.asked); runs < 2 || n > len(whole.asked)+14*runs {
				t.Errorf("%d runs made %d requests, a whole one %d", runs, n, len(whole.asked))
			}
			if left, _ := filepath.Glob(file + ".*"); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// run imports as often as it takes, and returns how often that was.
func (g *gitlab) run(file string) int {
	g.t.Helper()
	for runs := 1; runs < 100; runs++ {
		_, err := g.into(file).Do(g.t.Context())
		if err == nil {
			return runs
		}
		if _, err := os.Stat(file); err == nil {
			g.t.Fatal("there is a document of half an import")
		}
		if runs%2 == 0 {
			cutLine(g.t, file+".part")
		}
	}
	g.t.Fatal("it does not come to an end")
	return 0
}

// cutLine leaves half a line at the end of a journal, as a program that is killed does.
func cutLine(t *testing.T, journal string) {
	t.Helper()
	file, err := os.OpenFile(journal, os.O_WRONLY|os.O_APPEND, 0)
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.WriteString(`{"list":"users","page":true,"ids":[1`)
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
}

// Wherever it is ended, there is no document of what has come so far.
func TestAnImportThatIsEndedGoesOn(t *testing.T) {
	want := records(t, start(t).imported())
	for after := range 40 {
		g, file := start(t), filepath.Join(t.TempDir(), "directory.json")
		ctx, cancel := context.WithCancel(t.Context())
		g.fault = func(n int, _ http.ResponseWriter, _ *http.Request) bool {
			if n == after {
				cancel()
			}
			return false
		}
		if _, err := g.into(file).Do(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("ended at request %d: %v", after, err)
		}
		g.mu.Lock()
		g.fault = nil
		g.mu.Unlock()
		g.run(file)
		if got := records(t, read(t, file)); !reflect.DeepEqual(got, want) {
			t.Fatalf("ended at request %d: %v", after, got)
		}
	}
}

// What passes is waited for, as long as GitLab says, and the document is the same.
func TestTroublesThatPass(t *testing.T) {
	want := records(t, start(t).imported())
	rows := []struct {
		name  string
		fault func(g *gitlab, w http.ResponseWriter)
		slept time.Duration // at least, for all of them
	}{
		{"429 with Retry-After", func(_ *gitlab, w http.ResponseWriter) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
		}, 7 * time.Second},
		{"429 with RateLimit-Reset", func(g *gitlab, w http.ResponseWriter) {
			w.Header().Set("RateLimit-Reset", strconv.FormatInt(g.clock.Add(9*time.Second).Unix(), 10))
			w.WriteHeader(http.StatusTooManyRequests)
		}, 9 * time.Second},
		{"429 that says nothing", func(_ *gitlab, w http.ResponseWriter) { w.WriteHeader(http.StatusTooManyRequests) }, time.Second},
		{"502", func(_ *gitlab, w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) }, time.Second},
		{"an answer cut off", func(_ *gitlab, w http.ResponseWriter) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte(`[{"id": 1,`))
		}, time.Second},
		{"half an answer that looks whole", func(_ *gitlab, w http.ResponseWriter) { _, _ = w.Write([]byte(`[{"id": 1,`)) }, time.Second},
		{"a connection that ends", func(*gitlab, http.ResponseWriter) { panic(http.ErrAbortHandler) }, 0}, // Go's client may ask again by itself
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			g, faults := start(t), 0
			g.fault = func(n int, w http.ResponseWriter, _ *http.Request) bool {
				if n%10 != 1 {
					return false
				}
				faults++
				row.fault(g, w)
				return true
			}
			if got := records(t, g.imported()); !reflect.DeepEqual(got, want) {
				t.Errorf("%v\nwant %v", got, want)
			}
			if faults < 3 || g.slept < row.slept*time.Duration(faults) {
				t.Errorf("%d faults, slept %v", faults, g.slept)
			}
		})
	}
}

func TestTheLastRequestOfALimitIsFollowedByAWait(t *testing.T) {
	g := start(t)
	g.fault = func(n int, w http.ResponseWriter, _ *http.Request) bool {
		remaining := "5"
		if n == 4 {
			remaining = "0"
		}
		w.Header().Set("RateLimit-Remaining", remaining)
		w.Header().Set("RateLimit-Reset", strconv.FormatInt(g.clock.Add(30*time.Second).Unix(), 10))
		return false
	}
	g.imported()
	if g.slept < 30*time.Second || g.slept > 2*time.Minute {
		t.Errorf("slept %v", g.slept)
	}
}
