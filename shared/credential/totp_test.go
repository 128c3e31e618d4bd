package credential_test

import (
	"testing"
	"time"

	"postern/shared/credential"
)

// The values of RFC 6238, appendix B, for SHA-1, cut to the last six digits.
func TestOneTimeStepAcceptsAdjacentSteps(t *testing.T) {
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // "12345678901234567890"
	rows := []struct {
		name, secret, code string
		at, step           int64
		ok                 bool
	}{
		{"RFC 6238, first", secret, "287082", 59, 1, true},
		{"RFC 6238, second", secret, "081804", 1111111109, 37037036, true},
		{"RFC 6238, third", secret, "050471", 1111111111, 37037037, true},
		{"RFC 6238, fourth", secret, "005924", 1234567890, 41152263, true},
		{"RFC 6238, fifth", secret, "279037", 2000000000, 66666666, true},
		{"one step late", secret, "287082", 89, 1, true},
		{"two steps late", secret, "287082", 90, 0, false},
		{"one step early", secret, "287082", 29, 1, true},
		{"surrounding white space", secret, " 287082\n", 59, 1, true},
		{"a secret in groups and lower case", "gezd gnbv gy3t qojq gezd gnbv gy3t qojq====", "287082", 59, 1, true},
		{"five digits", secret, "28708", 59, 0, false},
		{"an empty code", secret, "", 59, 0, false},
		{"an invalid secret", "1!", "287082", 59, 0, false},
		{"no secret", "", "287082", 59, 0, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			step, ok := credential.OneTimeStep(row.secret, row.code, time.Unix(row.at, 0))
			if step != row.step || ok != row.ok {
				t.Errorf("step %d, %v; want %d, %v", step, ok, row.step, row.ok)
			}
		})
	}
}
