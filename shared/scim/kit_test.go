package scim_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"postern/shared/scim"
)

// object decodes a body like the HTTP adapter does.
func object(t *testing.T, text string) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	var values map[string]any
	if err := decoder.Decode(&values); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return values
}

func encoded(t *testing.T, value any) string {
	t.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// refused checks the status and type of a rejection.
func refused(t *testing.T, err error, status int, kind scim.Type) {
	t.Helper()
	var got *scim.Error
	if !errors.As(err, &got) || got.Status != status || got.Type != kind {
		t.Errorf("error %v, want %d %s", err, status, kind)
	}
}

func operations(t *testing.T, body string) []scim.Operation {
	t.Helper()
	read, err := scim.ReadOperations(object(t, body))
	if err != nil {
		t.Fatal(err)
	}
	return read
}
