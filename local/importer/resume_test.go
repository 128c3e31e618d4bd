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

// An import that is interrupted anywhere, any number of times, produces the same document with few repeated requests.
func TestImportContinuesAfterAnInterruption(t *testing.T) {
	whole := start(t)
	want := records(t, whole.imported())
	for _, every := range []int{13, 17, 23} {
		t.Run(fmt.Sprintf("after every %d requests", every), func(t *testing.T) {
			g, file := start(t), filepath.Join(t.TempDir(), "directory.json")
			g.fault = func(n int, w http.ResponseWriter, _ *http.Request) bool {
				if n%every == every-1 {
					w.WriteHeader(http.StatusForbidden) // is not retried
				}
				return n%every == every-1
			}
			runs := g.run(file)
			if got := records(t, read(t, file)); !reflect.DeepEqual(got, want) {
				t.Errorf("%v\nwant %v", got, want)
			}
			// Each run repeats at most the requests of two workers, the first page of a numbered list and the greeting.
			if n := len(g.asked); runs < 2 || n > len(whole.asked)+14*runs {
				t.Errorf("%d runs made %d requests, an uninterrupted one %d", runs, n, len(whole.asked))
			}
			if left, _ := filepath.Glob(file + ".*"); len(left) > 0 {
				t.Errorf("remaining files: %v", left)
			}
		})
	}
}

// run imports until it succeeds, and returns the number of attempts.
func (g *gitlab) run(file string) int {
	g.t.Helper()
	for runs := 1; runs < 100; runs++ {
		_, err := g.into(file).Do(g.t.Context())
		if err == nil {
			return runs
		}
		if _, err := os.Stat(file); err == nil {
			g.t.Fatal("an interrupted import has a document")
		}
		if runs%2 == 0 {
			cutLine(g.t, file+".part")
		}
	}
	g.t.Fatal("the import does not finish")
	return 0
}

// cutLine writes an incomplete line at the end of a journal, as a killed program does.
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

// An import that is ended at any request leaves no document.
func TestCanceledImportContinues(t *testing.T) {
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

// The import waits after temporary errors for GitLab's time, and produces the same document.
func TestTemporaryErrorsAreRetried(t *testing.T) {
	want := records(t, start(t).imported())
	rows := []struct {
		name  string
		fault func(g *gitlab, w http.ResponseWriter)
		slept time.Duration // at least, in total
	}{
		{"429 with Retry-After", func(_ *gitlab, w http.ResponseWriter) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
		}, 7 * time.Second},
		{"429 with RateLimit-Reset", func(g *gitlab, w http.ResponseWriter) {
			w.Header().Set("RateLimit-Reset", strconv.FormatInt(g.clock.Add(9*time.Second).Unix(), 10))
			w.WriteHeader(http.StatusTooManyRequests)
		}, 9 * time.Second},
		{"429 without a time", func(_ *gitlab, w http.ResponseWriter) { w.WriteHeader(http.StatusTooManyRequests) }, time.Second},
		{"502", func(_ *gitlab, w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) }, time.Second},
		{"an incomplete answer", func(_ *gitlab, w http.ResponseWriter) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte(`[{"id": 1,`))
		}, time.Second},
		{"an incomplete answer that looks complete", func(_ *gitlab, w http.ResponseWriter) { _, _ = w.Write([]byte(`[{"id": 1,`)) }, time.Second},
		{"a connection that ends", func(*gitlab, http.ResponseWriter) { panic(http.ErrAbortHandler) }, 0}, // Go's client may retry itself
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

func TestImportWaitsAfterTheLastPermittedRequest(t *testing.T) {
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
