package credential_test

import (
	"strings"
	"testing"

	"postern/shared/credential"
)

func TestKeyParsesSecret(t *testing.T) {
	long := strings.Repeat("k", 32)
	rows := []struct{ name, text, want string }{
		{"surrounding white space", " " + long + "\n", long},
		{"a secret that is too short", long[1:], ""},
		{"an empty secret", "", ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got, err := credential.Key(row.text)
			if string(got) != row.want || (err == nil) != (row.want != "") {
				t.Errorf("got %q, %v; want %q", got, err, row.want)
			}
			if err != nil && row.text != "" && strings.Contains(err.Error(), row.text) {
				t.Error("the error quotes the secret")
			}
		})
	}
}
