package httpapi

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseForm(t *testing.T) {
	rows := []struct {
		name string
		raw  string
		want string // as JSON; empty for an error
	}{
		{"nothing", "", `{}`},
		{"plain fields", "a=1&b=x", `{"a":"1","b":"x"}`},
		{"a field without a value is empty", "a&b=", `{"a":"","b":""}`},
		{"plus and escapes are decoded", "a=x+y%2Bz&%62=1", `{"a":"x y+z","b":"1"}`},
		{"an equals sign in the value stays", "key=AAAA==", `{"key":"AAAA=="}`},
		{"the last of the same counts", "a=1&a=2", `{"a":"2"}`},
		{"empty fields are passed over", "&&a=1&", `{"a":"1"}`},
		{"a list", "a[]=1&a[]=2", `{"a":["1","2"]}`},
		{"a list with escaped brackets", "push_options%5B%5D=ci.skip", `{"push_options":["ci.skip"]}`},
		{"an object", "a[b]=1&a[c]=2", `{"a":{"b":"1","c":"2"}}`},
		{"deep", "a[b][c][]=1&a[b][c][]=2", `{"a":{"b":{"c":["1","2"]}}}`},
		{"a list of objects", "a[][b]=1&a[][c]=2&a[][b]=3", `{"a":[{"b":"1","c":"2"},{"b":"3"}]}`},
		{"a list of deep objects", "a[][b][c]=1&a[][b][d]=2&a[][b][c]=3", `{"a":[{"b":{"c":"1","d":"2"}},{"b":{"c":"3"}}]}`},
		{"a list of lists", "a[][]=1&a[][]=2", `{"a":[["1"],["2"]]}`},
		{"lists in a list of objects", "a[][b][]=1&a[][b][]=2", `{"a":[{"b":["1","2"]}]}`},
		{"a bracket that is not closed is a letter", "a[b=1", `{"a[b":"1"}`},
		{"a bracket that is not opened is a letter", "a]=1", `{"a]":"1"}`},
		{"text behind a bracket is a part of the name", "a[b]c=1", `{"a[b]c":"1"}`},
		{"brackets in brackets are letters", "a[[b]]=1", `{"a[[b]]":"1"}`},
		{"brackets alone are a name", "[]=1", `{"[]":"1"}`},
		{"a later text replaces a list", "a[]=1&a=2", `{"a":"2"}`},
		{"a list after a text is wrong", "a=1&a[]=2", ""},
		{"an object after a text is wrong", "a=1&a[b]=2", ""},
		{"an object after a list is wrong", "a[]=1&a[b]=2", ""},
		{"a list after an object is wrong", "a[b]=1&a[]=2", ""},
		{"a deep text in a text is wrong", "a[][b]=1&a[][b][c]=2", ""},
		{"a bad escape in a value is wrong", "a=%zz", ""},
		{"a bad escape in a name is wrong", "%a=1", ""},
		{"32 levels are right", "a" + strings.Repeat("[b]", 32) + "=1", strings.Repeat(`{"b":`, 32)},
		{"33 levels are wrong", "a" + strings.Repeat("[b]", 33) + "=1", ""},
		{"a million levels are wrong", "a" + strings.Repeat("[b]", 1e6) + "=1", ""},
		{"4,096 fields are right", strings.Repeat("a=1&", 4096), `{"a":"1"}`},
		{"4,097 fields are wrong", strings.Repeat("a=1&", 4097), ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got, err := parseForm(row.raw)
			if (err == nil) != (row.want != "") {
				t.Fatalf("parseForm: %v", err)
			}
			raw, _ := json.Marshal(got)
			if err == nil && string(raw) != row.want && !strings.Contains(string(raw), row.want) {
				t.Errorf("got %s, want %s", raw, row.want)
			}
		})
	}
}

// Values written with bracketed names come back as they were.
func TestFormRoundTrip(t *testing.T) {
	text := rapid.StringMatching(`[a-z]{1,4}`)
	rapid.Check(t, func(t *rapid.T) {
		want := map[string]any{}
		for name := range rapid.MapOfN(text, rapid.Just(0), 0, 5).Draw(t, "names") {
			want[name] = value(t, 3)
		}
		got, err := parseForm(strings.Join(fields(want), "&"))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func value(t *rapid.T, depth int) any {
	kinds := []string{"text", "list", "object"}
	if depth == 0 {
		kinds = kinds[:1]
	}
	switch rapid.SampledFrom(kinds).Draw(t, "kind") {
	case "list":
		list := []any{}
		for range rapid.IntRange(1, 3).Draw(t, "length") {
			list = append(list, rapid.String().Draw(t, "entry"))
		}
		return list
	case "object":
		object := map[string]any{}
		for i := range rapid.IntRange(1, 3).Draw(t, "members") {
			object[fmt.Sprint("m", i)] = value(t, depth-1)
		}
		return object
	}
	return rapid.String().Draw(t, "text")
}

func fields(values map[string]any) (raw []string) {
	var write func(name string, value any)
	write = func(name string, value any) {
		switch v := value.(type) {
		case string:
			raw = append(raw, url.QueryEscape(name)+"="+url.QueryEscape(v))
		case []any:
			for _, entry := range v {
				write(name+"[]", entry)
			}
		case map[string]any:
			for member, inner := range v {
				write(name+"["+member+"]", inner)
			}
		}
	}
	for name, value := range values {
		write(name, value)
	}
	return raw
}

func FuzzParseForm(f *testing.F) {
	for _, seed := range []string{
		"a=1&b=2", "a[]=1&a[b]=2", "a[b][c][]=%zz", "[]=1", "a[=1", "a]]=1", "a[][b]=1&a[][]=2", "%5B%5D", "a[][b]=1&a[][b][c]=1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		values, err := parseForm(raw)
		if err != nil {
			return
		}
		p := &Params{values: values}
		for name := range values {
			p.Text(name)
			p.ID(name)
			p.Texts(name)
			p.Has(name)
		}
		if err := p.Err(); err != nil && !strings.HasSuffix(err.Error(), " is invalid") {
			t.Errorf("Err = %v", err)
		}
	})
}
