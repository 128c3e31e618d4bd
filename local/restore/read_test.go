package restore_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"postern/local/restore"
)

func read(files fstest.MapFS) ([]restore.Item, error) {
	var items []restore.Item
	err := restore.Read(files, func(item restore.Item) error {
		items = append(items, item)
		return nil
	})
	return items, err
}

// values generates attributes of every DynamoDB type, two levels deep.
func values() *rapid.Generator[types.AttributeValue] {
	number := rapid.StringMatching(`-?[1-9][0-9]{0,37}`)
	flat := rapid.OneOf(
		rapid.Map(rapid.String(), func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }),
		rapid.Map(number, func(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }),
		rapid.Map(rapid.Bool(), func(b bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: b} }),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 1, 9), func(b []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }),
		rapid.Map(rapid.SliceOfN(rapid.String(), 1, 3), func(s []string) types.AttributeValue { return &types.AttributeValueMemberSS{Value: s} }),
		rapid.Map(rapid.SliceOfN(number, 1, 3), func(s []string) types.AttributeValue { return &types.AttributeValueMemberNS{Value: s} }),
		rapid.Map(rapid.Bool(), func(bool) types.AttributeValue { return &types.AttributeValueMemberNULL{Value: true} }),
	)
	return rapid.OneOf(
		flat,
		rapid.Map(rapid.SliceOfN(flat, 1, 3), func(l []types.AttributeValue) types.AttributeValue {
			return &types.AttributeValueMemberL{Value: l}
		}),
		rapid.Map(rapid.MapOfN(rapid.String(), flat, 1, 3), func(m restore.Item) types.AttributeValue {
			return &types.AttributeValueMemberM{Value: m}
		}),
	)
}

func TestReadReturnsTheExportedItems(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		items := rapid.SliceOfN(rapid.MapOfN(rapid.String(), values(), 1, 4), 0, 6).Draw(rt, "items")
		got, err := read(exported(t, items, 1))
		if err != nil || len(got) != len(items) {
			rt.Fatalf("%d items of %d: %v", len(got), len(items), err)
		}
		for i := range items {
			if !reflect.DeepEqual(got[i], items[i]) {
				rt.Fatalf("item %d is %v, want %v", i, got[i], items[i])
			}
		}
	})
}

func TestReadRejectsIncompleteExports(t *testing.T) {
	replace := func(name, from, to string) func(fstest.MapFS) {
		return func(files fstest.MapFS) {
			files[name] = &fstest.MapFile{Data: []byte(strings.Replace(string(files[name].Data), from, to, 1))}
		}
	}
	remove := func(name string) func(fstest.MapFS) { return func(files fstest.MapFS) { delete(files, name) } }
	cases := []struct {
		name   string
		change func(fstest.MapFS)
		want   error
		output string
	}{
		{"no summary", remove("manifest-summary.json"), restore.ErrFormat, "manifest-summary.json"},
		{"a summary that is not JSON", replace("manifest-summary.json", "{", "["), restore.ErrFormat, "manifest-summary.json"},
		{"another format", replace("manifest-summary.json", "DYNAMODB_JSON", "ION"), restore.ErrFormat, "ION"},
		{"an incremental export", replace("manifest-summary.json", "FULL_EXPORT", "INCREMENTAL_EXPORT"), restore.ErrFormat, "INCREMENTAL"},
		{"no list of files", remove("manifest-files.json"), restore.ErrFormat, "manifest-files.json"},
		{"a list that is not JSON", replace("manifest-files.json", "{", "{{"), restore.ErrFormat, "manifest-files.json"},
		{"a missing file", remove("data/1.json.gz"), restore.ErrDamaged, "data/1.json.gz"},
		{"a changed file", replace("data/1.json.gz", "\x1f", "\x1e"), restore.ErrDamaged, "data/1.json.gz"},
		{"fewer items than the list counts", replace("manifest-files.json", `"itemCount":2`, `"itemCount":3`), restore.ErrDamaged, "data/0.json.gz has 2 items"},
		{"more items than the summary counts", replace("manifest-summary.json", `"itemCount":3`, `"itemCount":2`), restore.ErrDamaged, "3 items"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			item := restore.Item{"pk": &types.AttributeValueMemberS{Value: "a"}}
			files := exported(t, []restore.Item{item, item, item}, 2)
			c.change(files)
			if _, err := read(files); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.output) {
				t.Errorf("%v, want %v about %q", err, c.want, c.output)
			}
		})
	}
}

func TestReadStopsAfterAnErrorOfTake(t *testing.T) {
	item := restore.Item{"pk": &types.AttributeValueMemberS{Value: "a"}}
	enough, taken := errors.New("enough"), 0
	err := restore.Read(exported(t, []restore.Item{item, item, item}, 1), func(restore.Item) error {
		taken++
		return enough
	})
	if !errors.Is(err, enough) || taken != 1 || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("%d items, then %v", taken, err)
	}
}
