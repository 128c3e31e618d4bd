package directory

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"postern/shared/directory/document"
	"postern/shared/store"
	"postern/shared/storetest"
)

// records is the variable that says how many users and how many projects the large document has. The figures in the
// documentation are from POSTERN_RECORDS=100000.
const recordsVariable = "POSTERN_RECORDS"

func recordsWanted(t testing.TB) int {
	t.Helper()
	text := os.Getenv(recordsVariable)
	if text == "" {
		return 1000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", recordsVariable, err)
	}
	return n
}

// file is a document in a file.
type file string

func (f file) Open(_ context.Context, from, to int64) (io.ReadCloser, error) {
	opened, err := os.Open(string(f))
	if err != nil {
		return nil, err
	}
	size := int64(1 << 62)
	if to >= 0 {
		size = to - from
	}
	return struct {
		io.Reader
		io.Closer
	}{io.NewSectionReader(opened, from, size), opened}, nil
}

// large writes a document with n users and n projects: half of these in groups of 100, half with their users.
func large(t testing.TB, n int) file {
	t.Helper()
	path := filepath.Join(t.TempDir(), "large.json")
	f, err := os.Create(path)
	if err != nil {
		t.Fatalf("make document: %v", err)
	}
	w := bufio.NewWriter(f)
	list(w, `{"users":[`, n, func(i int) {
		_, _ = fmt.Fprintf(w, `{"id":%d,"username":"user-%d","name":"User %d","email":"user-%d@example.com"}`, i, i, i, i)
	})
	list(w, `],"namespaces":[`, n/100+1, func(i int) {
		_, _ = fmt.Fprintf(w, `{"id":%d,"kind":"group","path":"group-%d"}`, i, i)
	})
	list(w, `],"projects":[`, n, func(i int) {
		namespace := int64(i/100 + 1)
		if i%2 == 0 {
			namespace = ownNamespaces + int64(i)
		}
		_, _ = fmt.Fprintf(w, `{"id":%d,"namespace_id":%d,"path":"project-%d","visibility":"internal"}`, i, namespace, i)
	})
	_, _ = w.WriteString("]}")
	if err := w.Flush(); err != nil {
		t.Fatalf("make document: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatalf("make document: %v", err)
	}
	return file(path)
}

func list(w *bufio.Writer, open string, n int, one func(i int)) {
	_, _ = w.WriteString(open)
	for i := 1; i <= n; i++ {
		if i > 1 {
			_ = w.WriteByte(',')
		}
		one(i)
	}
}

func TestALargeDocumentIsAppliedInBoundedMemory(t *testing.T) {
	n := recordsWanted(t)
	client, table := storetest.Open(t)
	s := store.New(client, table, time.Now)
	source := large(t, n)
	for _, again := range []bool{false, true} {
		began := time.Now()
		result, err := Apply(t.Context(), s, source, Options{Workers: 4})
		if err != nil || len(result.Mistakes) > 0 {
			t.Fatalf("apply: %v %v", err, result.Mistakes)
		}
		for _, kind := range []string{"users", "projects"} {
			want := Count{Created: n}
			if again {
				want = Count{Unchanged: n}
			}
			if result.Counts[kind] != want {
				t.Errorf("again=%v: %s: got %+v, want %+v", again, kind, result.Counts[kind], want)
			}
		}
		t.Logf("%d users and projects, again=%v: %v, peak memory %s", n, again, time.Since(began).Round(time.Millisecond), peak())
	}
}

// peak returns the most memory that the process has had, as Linux tells it.
func peak() string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "unknown"
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}

func TestWhatIsKeptOfARecordIsSmall(t *testing.T) {
	const n, most = 1000, 1024 // bytes for each user or project
	client, table := storetest.Open(t)
	source := large(t, n)
	before := heap()
	r := newRun(store.New(client, table, time.Now), Options{Now: time.Now, Workers: 1})
	doc, err := document.Scan(t.Context(), source, r.known, &r.m)
	if err != nil {
		t.Fatalf("scan: %v", err)
	}
	r.doc = doc
	if err := r.check(t.Context()); err != nil || !r.m.None() {
		t.Fatalf("check: %v %v", err, r.m.List)
	}
	kept := heap() - before
	runtime.KeepAlive(r)
	t.Logf("%d bytes for each of %d users and projects", kept/(2*n), n)
	if kept/(2*n) > most {
		t.Errorf("%d bytes are kept for each record, want at most %d", kept/(2*n), most)
	}
}

// heap returns the bytes in use that are reachable.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
