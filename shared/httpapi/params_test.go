package httpapi

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
)

// samples are values as JSON and forms give them.
func samples() *Params {
	return &Params{values: map[string]any{
		"text": "a b", "empty": "", "digits": "11", "number": json.Number("29"), "zero": json.Number("0"),
		"negative": json.Number("-5"), "decimal": json.Number("1.5"), "exponent": json.Number("1e2"), "plus": "+7",
		"spaced": " 7", "zeros": "007", "most": "9223372036854775807", "more": "9223372036854775808",
		"beyond": json.Number("1" + "00000000000000000000"), "words": "11abc", "hex": "0x11", "minus": "-1",
		"null": nil, "yes": true, "list": []any{"a", json.Number("2")}, "none": []any{}, "object": map[string]any{"a": "b"},
		"mixed": []any{"a", nil}, "deep": []any{[]any{"a"}}, "latin": "caf\xe9", "nul": "a\x00b", "file": upload{},
		"latins": []any{"caf\xe9"},
	}}
}

func TestText(t *testing.T) {
	rows := []struct {
		name  string
		want  string
		given bool
		wrong bool
	}{
		{"text", "a b", true, false},
		{"empty", "", true, false},
		{"number", "29", true, false},
		{"exponent", "1e2", true, false},
		{"null", "", false, false},
		{"missing", "", false, false},
		{"yes", "", false, true},
		{"list", "", false, true},
		{"none", "", false, true},
		{"object", "", false, true},
		{"latin", "", false, true},
		{"nul", "", false, true},
		{"file", "", false, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			p := samples()
			got, given := p.Text(row.name)
			if got != row.want || given != row.given {
				t.Errorf("Text = %q, %v; want %q, %v", got, given, row.want, row.given)
			}
			mistaken(t, p, row.name, row.wrong)
		})
	}
}

func mistaken(t *testing.T, p *Params, name string, want bool) {
	t.Helper()
	err := p.Err()
	if (err != nil) != want {
		t.Fatalf("Err = %v, want a mistake: %v", err, want)
	}
	var answer *Error
	if want && (!errors.As(err, &answer) || answer.publicText(Internal) != name+" is invalid") {
		t.Errorf("Err = %v, want %q", err, name+" is invalid")
	}
}

func TestID(t *testing.T) {
	rows := []struct {
		name  string
		want  int64
		given bool
		wrong bool
	}{
		{"digits", 11, true, false},
		{"number", 29, true, false},
		{"zeros", 7, true, false},
		{"most", 9223372036854775807, true, false},
		{"zero", 0, true, false},
		{"negative", 0, true, false},
		{"minus", 0, true, false},
		{"plus", 0, true, false},
		{"decimal", 0, true, false},
		{"exponent", 0, true, false},
		{"more", 0, true, false},
		{"beyond", 0, true, false},
		{"words", 0, true, false},
		{"hex", 0, true, false},
		{"spaced", 0, true, false},
		{"empty", 0, true, false},
		{"null", 0, false, false},
		{"missing", 0, false, false},
		{"yes", 0, false, true},
		{"list", 0, false, true},
		{"object", 0, false, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			p := samples()
			got, given := p.ID(row.name)
			if got != row.want || given != row.given {
				t.Errorf("ID = %d, %v; want %d, %v", got, given, row.want, row.given)
			}
			mistaken(t, p, row.name, row.wrong)
		})
	}
}

func TestTexts(t *testing.T) {
	rows := []struct {
		name  string
		want  []string
		wrong bool
	}{
		{"list", []string{"a", "2"}, false},
		{"none", []string{}, false},
		{"text", []string{"a b"}, false},
		{"number", []string{"29"}, false},
		{"null", nil, false},
		{"missing", nil, false},
		{"mixed", nil, true},
		{"deep", nil, true},
		{"yes", nil, true},
		{"object", nil, true},
		{"latins", nil, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			p := samples()
			if got := p.Texts(row.name); !slices.Equal(got, row.want) || (got == nil) != (row.want == nil) {
				t.Errorf("Texts = %#v, want %#v", got, row.want)
			}
			mistaken(t, p, row.name, row.wrong)
		})
	}
}

func TestHas(t *testing.T) {
	p := samples()
	for name, want := range map[string]bool{"text": true, "empty": true, "none": true, "yes": true, "null": false, "missing": false} {
		if got := p.Has(name); got != want {
			t.Errorf("Has(%q) = %v", name, got)
		}
	}
	if (&Params{}).Has("x") {
		t.Error("empty parameters have x")
	}
}

func TestErrNamesEachMistakeOnce(t *testing.T) {
	p := samples()
	p.ID("yes")
	p.Text("list")
	p.Text("yes")
	if got, want := p.Err().Error(), "yes is invalid, list is invalid"; got != want {
		t.Errorf("Err = %q, want %q", got, want)
	}
}
