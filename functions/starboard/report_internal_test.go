package starboard

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"postern/shared/gitlab"
)

// documented is the example of the documentation; present is a report of a current agent.
const (
	documented = `{"vulnerability":{"name":"CVE-123-4567 in libc","severity":"high","confidence":"unknown",
 "location":{"kubernetes_resource":{"namespace":"production","kind":"deployment","name":"nginx","container":"nginx"}},
 "identifiers":[{"type":"cve","name":"CVE-123-4567","value":"CVE-123-4567"}]},
 "scanner":{"id":"starboard_trivy","name":"Trivy","vendor":"GitLab"}}`
	present = `{"vulnerability":{"name":"n","severity":"High","location":{"image":"registry:5000/i:1",
 "dependency":{"package":{"name":"libc"},"version":"1"},"operating_system":"debian",
 "kubernetes_resource":{"namespace":"d","kind":"Pod","name":"n","container_name":"c","agent_id":"3"}},
 "identifiers":[{"type":"cve","name":"CVE-1","url":"u"}],"message":"m","links":[{"url":"u"}]},
 "scanner":{"id":"t","name":"T","vendor":{"name":"GitLab"}}}`
)

func parsed(t rapid.TB, text string) map[string]any {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var body map[string]any
	if err := d.Decode(&body); err != nil {
		t.Fatal(err)
	}
	return body
}

// at returns the object at a path. In a list it follows the first element.
func at(body map[string]any, place ...string) map[string]any {
	var value any = body
	for _, name := range place {
		value = value.(map[string]any)[name]
		if list, ok := value.([]any); ok {
			value = list[0]
		}
	}
	return value.(map[string]any)
}

func TestCheckReportsAllMistakes(t *testing.T) {
	resource := []string{"vulnerability", "location", "kubernetes_resource"}
	const inResource = "vulnerability[location][kubernetes_resource]"
	rows := []struct {
		name   string
		change func(body map[string]any)
		want   []string
	}{
		{"unchanged", func(map[string]any) {}, nil},
		{"no name", func(b map[string]any) { delete(at(b, "vulnerability"), "name") }, []string{"vulnerability[name] is missing"}},
		{"a blank name", func(b map[string]any) { at(b, "vulnerability")["name"] = " " }, []string{"vulnerability[name] is invalid"}},
		{"a name that is a list", func(b map[string]any) { at(b, "vulnerability")["name"] = []any{} }, []string{"vulnerability[name] is invalid"}},
		{"a severity in other case", func(b map[string]any) { at(b, "vulnerability")["severity"] = "CRITICAL" }, nil},
		{"another severity", func(b map[string]any) { at(b, "vulnerability")["severity"] = "awful" }, []string{"vulnerability[severity] is invalid"}},
		{"another confidence", func(b map[string]any) { at(b, "vulnerability")["confidence"] = "sure" }, []string{"vulnerability[confidence] is invalid"}},
		{"no location", func(b map[string]any) { delete(at(b, "vulnerability"), "location") }, []string{
			"vulnerability[location] is missing", inResource + " is missing", inResource + "[namespace] is missing", inResource + "[kind] is missing",
			inResource + "[name] is missing", inResource + "[container_name] is missing",
		}},
		{"no container", func(b map[string]any) {
			delete(at(b, resource...), "container")
			delete(at(b, resource...), "container_name")
		}, []string{inResource + "[container_name] is missing"}},
		{"another agent", func(b map[string]any) { at(b, resource...)["agent_id"] = "4" }, []string{inResource + "[agent_id] is invalid"}},
		{"the agent as a number", func(b map[string]any) { at(b, resource...)["agent_id"] = json.Number("3") }, nil},
		{"no identifiers", func(b map[string]any) { at(b, "vulnerability")["identifiers"] = []any{} }, []string{"vulnerability[identifiers] is invalid"}},
		{"an identifier without type", func(b map[string]any) { delete(at(b, "vulnerability", "identifiers"), "type") }, []string{"vulnerability[identifiers][0][type] is missing"}},
		{"a string as identifier", func(b map[string]any) { at(b, "vulnerability")["identifiers"] = []any{"x"} }, []string{"vulnerability[identifiers][0] is invalid"}},
		{"a string as links", func(b map[string]any) { at(b, "vulnerability")["links"] = "u" }, []string{"vulnerability[links] is invalid"}},
		{"a boolean as solution", func(b map[string]any) { at(b, "vulnerability")["solution"] = true }, []string{"vulnerability[solution] is invalid"}},
		{"a string as package", func(b map[string]any) {
			at(b, "vulnerability", "location")["dependency"] = map[string]any{"package": "libc"}
		}, []string{"vulnerability[location][dependency][package] is invalid"}},
		{"no scanner", func(b map[string]any) { delete(b, "scanner") }, []string{
			"scanner is missing", "scanner[id] is missing", "scanner[name] is missing", "scanner[vendor] is missing",
		}},
		{"a vendor without name", func(b map[string]any) { at(b, "scanner")["vendor"] = map[string]any{} }, []string{"scanner[vendor] is invalid"}},
		{"several, in order", func(b map[string]any) {
			delete(b, "scanner")
			b["vulnerability"] = "x"
		}, []string{"vulnerability is invalid", "scanner is missing", "scanner[id] is missing", "scanner[name] is missing", "scanner[vendor] is missing"}},
		{"an unknown field", func(b map[string]any) { at(b, "vulnerability")["later"] = []any{1} }, nil},
	}
	for _, row := range rows {
		for shape, text := range map[string]string{"documented": documented, "present": present} {
			t.Run(row.name+", "+shape, func(t *testing.T) {
				body := parsed(t, text)
				row.change(body)
				if got := check(body, 3); !slices.Equal(got, row.want) {
					t.Errorf("mistakes %q, want %q", got, row.want)
				}
			})
		}
	}
}

// The uuid is version 5. It depends on the identifier and location only.
func TestIdentifyDependsOnIdentifierAndLocation(t *testing.T) {
	resource := []string{"vulnerability", "location", "kubernetes_resource"}
	set := func(name, value string, place ...string) func(map[string]any) {
		return func(b map[string]any) { at(b, place...)[name] = value }
	}
	same := map[string]func(map[string]any){
		"severity":         set("severity", "low", "vulnerability"),
		"name":             set("name", "other", "vulnerability"),
		"message":          set("message", "other", "vulnerability"),
		"scanner":          set("id", "other", "scanner"),
		"tag":              set("image", "registry:5000/i:2", "vulnerability", "location"),
		"digest":           set("image", "registry:5000/i@sha256:00", "vulnerability", "location"),
		"no tag":           set("image", "registry:5000/i", "vulnerability", "location"),
		"case of the kind": set("kind", "POD", resource...),
		"version of a package": func(b map[string]any) {
			at(b, "vulnerability", "location", "dependency")["version"] = "2"
		},
		"the older name of the container": func(b map[string]any) {
			delete(at(b, resource...), "container_name")
			at(b, resource...)["container"] = "c"
		},
	}
	other := map[string]func(map[string]any){
		"namespace":  set("namespace", "x", resource...),
		"kind":       set("kind", "Job", resource...),
		"resource":   set("name", "x", resource...),
		"container":  set("container_name", "x", resource...),
		"image":      set("image", "registry:5000/other:1", "vulnerability", "location"),
		"package":    set("name", "x", "vulnerability", "location", "dependency", "package"),
		"identifier": set("name", "CVE-2", "vulnerability", "identifiers"),
		"type":       set("type", "gsa", "vulnerability", "identifiers"),
	}
	agent := &gitlab.Agent{ID: 3, ProjectID: 7}
	was := identify(parsed(t, present), agent)
	if id, err := uuid.Parse(was); err != nil || id.Version() != 5 {
		t.Fatalf("uuid %s, %v; want version 5", was, err)
	}
	for stays, changes := range map[bool]map[string]func(map[string]any){true: same, false: other} {
		for name, change := range changes {
			body := parsed(t, present)
			change(body)
			if is := identify(body, agent); (is == was) != stays {
				t.Errorf("%s: uuid %s, before %s", name, is, was)
			}
		}
	}
	for name, a := range map[string]gitlab.Agent{"agent": {ID: 4, ProjectID: 7}, "project": {ID: 3, ProjectID: 8}} {
		if identify(parsed(t, present), &a) == was {
			t.Errorf("another %s has the same uuid", name)
		}
	}
}

// Any body is checked without a panic and with a stable result.
func TestCheckAcceptsAnyBody(t *testing.T) {
	var anyValue func(depth int) *rapid.Generator[any]
	anyValue = func(depth int) *rapid.Generator[any] {
		leaf := []*rapid.Generator[any]{
			rapid.Just[any](nil), rapid.Just[any](true), rapid.Just[any](json.Number("1e9")), rapid.Just[any](" "), rapid.Just[any]("high"), rapid.Just[any]("\xff"),
		}
		if depth == 0 {
			return rapid.OneOf(leaf...)
		}
		names := rapid.SampledFrom([]string{
			"vulnerability", "scanner", "location", "kubernetes_resource", "identifiers", "type", "name", "value", "vendor", "container", "links",
		})
		object := rapid.Map(rapid.MapOfN(names, anyValue(depth-1), 0, 4), func(m map[string]any) any { return m })
		list := rapid.Map(rapid.SliceOfN(anyValue(depth-1), 0, 3), func(l []any) any { return l })
		return rapid.OneOf(append(leaf, object, list)...)
	}
	rapid.Check(t, func(t *rapid.T) {
		body := map[string]any{"vulnerability": anyValue(5).Draw(t, "vulnerability"), "scanner": anyValue(3).Draw(t, "scanner")}
		first, id := check(body, 3), identify(body, &gitlab.Agent{ID: 3})
		if again := check(body, 3); !slices.Equal(first, again) || identify(body, &gitlab.Agent{ID: 3}) != id {
			t.Fatalf("mistakes %q, then %q", first, again)
		}
	})
}
