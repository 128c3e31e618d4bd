package secrets

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"pgregory.net/rapid"
)

// moving is a Secrets Manager with a rotation in progress: after each read it performs the given number of steps.
type moving struct {
	*manager
	versions int
	steps    []int
	valid    [][]string // the valid versions after each step
}

func (m *moving) GetSecretValue(
	ctx context.Context, in *secretsmanager.GetSecretValueInput, o ...func(*secretsmanager.Options),
) (*secretsmanager.GetSecretValueOutput, error) {
	out, err := m.manager.GetSecretValue(ctx, in, o...)
	if len(m.steps) > 0 {
		for range m.steps[0] {
			m.step()
		}
		m.steps = m.steps[1:]
	}
	return out, err
}

// step starts a rotation, or completes the running one.
func (m *moving) step() {
	if next, rotating := m.manager.versions[pending]; rotating && next != m.manager.versions[current] {
		m.put(next)
	} else {
		m.rotate("v" + strconv.Itoa(m.versions))
		m.versions++
	}
	var valid []string
	for _, text := range m.manager.versions {
		valid = append(valid, text)
	}
	m.valid = append(m.valid, valid)
}

// A version that stays valid during a fetch is found, whichever rotation steps happen between the reads.
func TestFetchFindsMovingVersions(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := &moving{manager: having("v1", "v0"), versions: 2}
		for range rapid.IntRange(0, 3).Draw(rt, "before") {
			m.step()
		}
		var before []string
		for _, text := range m.manager.versions {
			before = append(before, text)
		}
		m.valid, m.steps = [][]string{before}, rapid.SliceOfN(rapid.IntRange(0, 2), 3, 3).Draw(rt, "steps")
		f := fetcher{api: m, id: "postern/shell", parse: parse}
		keys, err := f.fetch(t.Context())
		if err != nil {
			rt.Fatal(err)
		}
		found := strings.Split(texts(keys), ",")
		for _, version := range before {
			always := !slices.ContainsFunc(m.valid, func(valid []string) bool { return !slices.Contains(valid, version) })
			if always && !slices.Contains(found, version) {
				rt.Errorf("found %q, but %s was valid in each of %q", found, version, m.valid)
			}
		}
	})
}
