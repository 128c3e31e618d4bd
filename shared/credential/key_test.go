package credential_test

import (
	"strings"
	"testing"

	"postern/shared/credential"
)

func TestKey(t *testing.T) {
	long := strings.Repeat("k", 32)
	rows := []struct{ name, text, want string }{
		{"white space around it is none of it", " " + long + "\n", long},
		{"one that is too short", long[1:], ""},
		{"nothing", "", ""},
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
