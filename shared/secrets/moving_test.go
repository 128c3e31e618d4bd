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

// moving is a Secrets Manager in which a rotation goes on while it is asked: after each answer, as many of the steps as the
// test says.
type moving struct {
	*manager
	versions int
	steps    []int
	valid    [][]string // at each moment
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

// step begins a rotation, or moves the labels at the end of one.
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

// Whatever a rotation does between two questions, a version that is good all the while is found.
func TestVersionsThatMoveAreNotMissed(t *testing.T) {
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
				rt.Errorf("found %q, but %s was good at each of %q", found, version, m.valid)
			}
		}
	})
}
