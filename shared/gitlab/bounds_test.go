package gitlab

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestStorableRef(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		ref  string
		want bool
	}{
		"short":               {"refs/heads/main", true},
		"longest":             {strings.Repeat("a", MaxRefName), true},
		"one byte too long":   {strings.Repeat("a", MaxRefName+1), false},
		"escaped characters":  {strings.Repeat("#", MaxRefName/3), true},
		"one escape too many": {strings.Repeat("%", MaxRefName/3+1), false},
		"no UTF-8":            {strings.Repeat("\xff", MaxRefName/3+1), false},
	} {
		if got := StorableRef(tt.ref); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestLongRefMessageIsPrintable(t *testing.T) {
	t.Parallel()
	for _, ref := range []string{strings.Repeat("é", 2000), "refs/heads/" + strings.Repeat("\xff", 4000), strings.Repeat("a", 4096)} {
		got := LongRefMessage(ref)
		if !utf8.ValidString(got) || len(got) > 500 || !strings.Contains(got, "limit is 960 bytes") {
			t.Errorf("message %q", got)
		}
	}
}

func TestBoundOptions(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", MaxPushOptionBytes)
	many := slices.Repeat([]string{"junk"}, 2*MaxPushOptions)
	for name, tt := range map[string]struct {
		given, want []string
		truncated   bool
	}{
		"none":                       {nil, nil, false},
		"few":                        {[]string{"a", "ci.skip"}, []string{"a", "ci.skip"}, false},
		"a long one":                 {[]string{"a", long, "b"}, []string{"a", "b"}, true},
		"many":                       {many, many[:MaxPushOptions], true},
		"known ones take precedence": {append(slices.Clone(many), "mr . create"), append(slices.Clone(many[1:MaxPushOptions]), "mr . create"), true},
	} {
		kept, truncated := BoundOptions(tt.given)
		if !slices.Equal(kept, tt.want) || truncated != tt.truncated {
			t.Errorf("%s: %d options, truncated %v", name, len(kept), truncated)
		}
	}
}
