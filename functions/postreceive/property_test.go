package postreceive_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"postern/functions/gitaccess"
	"postern/functions/hooks"
	"postern/shared/apitest"
	"postern/shared/directory"
	"postern/shared/gitaly"
	"postern/shared/gitlab"
)

// pusher sends the requests of a push through the HTTP entries and the worker.
type pusher struct {
	*worker
	api    *apitest.API
	pushes int
}

func newPusher(t *testing.T) *pusher {
	t.Helper()
	w := newWorker(t)
	return &pusher{worker: w, api: apitest.ServeDeps(t, w.Deps, func(d apitest.Deps) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("/api/v4/internal/allowed", gitaccess.New(gitaccess.Deps{
			Store: d.Store, Gitaly: gitaly.New(gitaly.Options{}), Shell: d.Shell, Now: d.Now, HTTP: d.HTTP,
		}))
		mux.Handle("/", hooks.New(hooks.Deps{Store: d.Store, Shell: d.Shell, Now: d.Now, HTTP: d.HTTP}))
		return mux
	})}
}

// form sends a form, which carries any bytes.
func (p *pusher) form(route string, values url.Values) *apitest.Answer {
	p.t.Helper()
	r := apitest.Request(p.t, http.MethodPost, p.api.URL+"/api/v4/internal/"+route, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Request-Id", fmt.Sprint("push-", p.pushes))
	return p.api.Do(p.t, r)
}

// json sends a post_receive as Gitaly does. Its list of options has any length.
func (p *pusher) json(changes string, options []string) *apitest.Answer {
	p.t.Helper()
	body, err := json.Marshal(map[string]any{
		"gl_repository": "project-7", "identifier": "user-12", "changes": changes, "push_options": options,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	r := apitest.Request(p.t, http.MethodPost, p.api.URL+"/api/v4/internal/post_receive", bytes.NewReader(body))
	r.Header.Set("X-Request-Id", fmt.Sprint("push-", p.pushes))
	return p.api.Do(p.t, r)
}

// push sends a push of @mia's, and returns the reply to /allowed. An accepted push has to be stored, applied and published.
func (p *pusher) push(fail func(string, ...any), changes string, options []string) *apitest.Answer {
	p.t.Helper()
	p.pushes++
	allowed := p.form("allowed", url.Values{
		"action": {"git-receive-pack"}, "gl_repository": {"project-7"}, "user_id": {"12"}, "protocol": {"ssh"}, "changes": {changes},
	})
	if allowed.Status != http.StatusOK {
		return allowed
	}
	var post *apitest.Answer
	if utf8.ValidString(changes) {
		post = p.json(changes, options)
	} else {
		post = p.form("post_receive", url.Values{
			"gl_repository": {"project-7"}, "identifier": {"user-12"}, "changes": {changes}, "push_options[]": options[:min(len(options), 500)],
		})
	}
	if post.Status != http.StatusOK {
		fail("post_receive: %d %.300s", post.Status, post.Body)
	}
	before := len(p.bus.sent)
	for _, item := range p.Table.Partition(p.t, "outbox#project-7") {
		if id, _ := item["request_id"].(*types.AttributeValueMemberS); id != nil && id.Value == fmt.Sprint("push-", p.pushes) {
			if failed := p.send(p, record("1", item)); len(failed) > 0 {
				fail("the worker failed: %.2000s", p.Log.String())
			}
		}
	}
	if len(p.bus.sent) != before+1 || len(p.queue.sent) > 0 {
		fail("published %d events, put aside %.300v", len(p.bus.sent)-before, p.queue.sent)
	}
	return allowed
}

// exported returns an export of the whole directory.
func (p *pusher) exported() string {
	p.t.Helper()
	var document bytes.Buffer
	to := directory.NewWriter(&document)
	if _, err := directory.Export(p.t.Context(), p.Store, to); err != nil {
		p.t.Fatalf("export: %v", err)
	}
	return document.String()
}

// refNames draws names as git allows them, some of 4 KB.
func refNames() *rapid.Generator[string] {
	letters := rapid.SampledFrom([]string{"a", "b", "é", "/x", "#", "%", "\xff", "-", "漢"})
	return rapid.Custom(func(t *rapid.T) string {
		most := rapid.SampledFrom([]int{10, 10, 100, 1100, 4000}).Draw(t, "most")
		unit := strings.Join(rapid.SliceOfN(letters, 1, 8).Draw(t, "unit"), "")
		n := rapid.IntRange(1, most).Draw(t, "length")
		return "n" + strings.Repeat(unit, n/len(unit)+1)
	})
}

// optionLists draws options as git allows them. Long lists and long options are rare.
func optionLists() *rapid.Generator[[]string] {
	return rapid.Custom(func(t *rapid.T) []string {
		text := rapid.SampledFrom([]string{
			"ci.skip", "merge_request.create", "merge_request.target=", "mr.title=", "ci.variable=A=", "junk", "", "merge_request.label=é",
		})
		most := rapid.SampledFrom([]int{0, 1, 5, 5, 5, 5, 5, 5, 5, 100_000}).Draw(t, "most")
		longest := rapid.SampledFrom([]int{0, 10, 1100, 64 << 10}).Draw(t, "longest")
		if most > 5 {
			longest = 10
		}
		options := make([]string, rapid.IntRange(0, most).Draw(t, "options"))
		prefix, padding := rapid.SliceOfN(text, 3, 3).Draw(t, "prefix"), rapid.IntRange(0, longest).Draw(t, "padding")
		for i := range options {
			options[i] = prefix[i%3] + strings.Repeat("x", max(0, padding-i%2))
		}
		return options
	})
}

// For any push, /allowed rejects it, or it is accepted, published and exported.
func TestEveryPushLeavesATrace(t *testing.T) {
	t.Parallel()
	p := newPusher(t)
	var stored []string
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(refNames(), 1, 4).Draw(t, "names")
		options := optionLists().Draw(t, "options")
		var changes strings.Builder
		var refs []string
		for i, name := range names {
			ref := fmt.Sprintf("refs/heads/p%d-%d-%s", p.pushes, i, name)
			fmt.Fprintf(&changes, "%s %s %s\n", object("0"), object("a"), ref)
			refs = append(refs, ref)
		}
		switch answer := p.push(t.Fatalf, changes.String(), options); answer.Status {
		case http.StatusOK:
			stored = append(stored, refs...)
		case http.StatusUnauthorized:
		default:
			t.Fatalf("/allowed: %d %.300s", answer.Status, answer.Body)
		}
	})
	named := 0 // refs with a name that JSON can have: an export omits the others
	for _, ref := range stored {
		if utf8.ValidString(ref) {
			named++
		}
		if p.target(strings.NewReplacer("%", "%25", "#", "%23", "\xff", "%FF").Replace(ref)) != object("a") {
			t.Errorf("ref %.100q is not stored", ref)
		}
	}
	if document := p.exported(); strings.Count(document, object("a")) < named {
		t.Errorf("%d of %d refs are exported", strings.Count(document, object("a")), named)
	}
}

func TestPushBounds(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1165)
	create := object("0") + " " + object("a") + " refs/heads/"
	for name, tt := range map[string]struct {
		changes string
		options []string
		message string // of /allowed, "" for an accepted push
		event   string // a part of the event
	}{
		"a target that no branch can have": {create + "a", []string{"merge_request.target=" + strings.Repeat("x", 1100)}, "", `"ref":"refs/heads/a"`},
		"options of 450 KB":                {create + "b", []string{"ci.skip", strings.Repeat("x", 450<<10)}, "", `"push_options_truncated":true`},
		"options within the bounds":        {create + "c", []string{"ci.skip"}, "", `"push_options":{"ci":{"skip":true}}}`},
		"a second branch of 1,165 bytes":   {create + "d\n" + create + long, nil, "limit is 960 bytes", ""},
		"a deletion of such a branch":      {object("a") + " " + object("0") + " refs/heads/" + long, nil, "", `"action":"removed"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPusher(t)
			answer := p.push(t.Errorf, tt.changes, tt.options)
			switch {
			case tt.message == "" && answer.Status != http.StatusOK:
				t.Errorf("rejected: %d %s", answer.Status, answer.Body)
			case tt.message != "" && (answer.Status != http.StatusUnauthorized || !strings.Contains(answer.Message(), tt.message)):
				t.Errorf("got %d %s", answer.Status, answer.Body)
			case tt.event != "" && !strings.Contains(strings.Join(p.bus.sent, ""), tt.event):
				t.Errorf("published %.1000s", p.bus.sent)
			}
		})
	}
}

// A push that /allowed has not seen is stored within the bounds.
func TestLongIdentifierIsStored(t *testing.T) {
	t.Parallel()
	p := newPusher(t)
	post := p.form("post_receive", url.Values{
		"gl_repository": {"project-7"}, "identifier": {strings.Repeat("u", 500<<10)},
		"changes": {object("0") + " " + object("a") + " refs/heads/" + strings.Repeat("y", 4000)},
	})
	items := p.Table.Partition(t, "outbox#project-7")
	if post.Status != http.StatusOK || len(items) != 1 {
		t.Fatalf("got %d %.300s, %d items", post.Status, post.Body, len(items))
	}
	if failed := p.send(p, record("1", items[0])); len(failed) > 0 || len(p.bus.sent) != 1 {
		t.Errorf("failed %v, published %.300s", failed, p.bus.sent)
	}
}

func TestStoredOptionsFitOneItem(t *testing.T) {
	t.Parallel()
	if gitlab.ChangesPart+gitlab.MaxPushOptionBytes+gitlab.MaxMessageBytes+4*gitlab.MaxPushOptions > 380<<10 {
		t.Error("the parts of a push's first item exceed 380 KB together")
	}
}
