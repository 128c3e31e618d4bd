package restore_test

import (
	"bytes"
	"compress/gzip"
	"crypto/md5" // as DynamoDB does
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.uber.org/goleak"

	"postern/local/restore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const folder = "AWSDynamoDB/01693685827463-2d8752fd/"

// exported returns the files of an export in DynamoDB's documented form, with the items in several data files.
func exported(t testing.TB, items []restore.Item, files int) fstest.MapFS {
	t.Helper()
	written := fstest.MapFS{}
	var list bytes.Buffer
	for i := range files {
		var packed bytes.Buffer
		lines, count := gzip.NewWriter(&packed), 0
		for j := i; j < len(items); j += files {
			item, err := attributevalue.MarshalMapJSON(items[j])
			if err != nil {
				t.Fatal(err)
			}
			if _, err := fmt.Fprintf(lines, "{\"Item\":%s}\n", item); err != nil {
				t.Fatal(err)
			}
			count++
		}
		if err := lines.Close(); err != nil {
			t.Fatal(err)
		}
		sum := md5.Sum(packed.Bytes())
		name := fmt.Sprintf("data/%d.json.gz", i)
		written[name] = &fstest.MapFile{Data: packed.Bytes()}
		fmt.Fprintf(&list, `{"itemCount":%d,"md5Checksum":%q,"etag":"e-1","dataFileS3Key":%q}`+"\n",
			count, base64.StdEncoding.EncodeToString(sum[:]), folder+name)
	}
	written["manifest-files.json"] = &fstest.MapFile{Data: list.Bytes()}
	summary, err := json.Marshal(map[string]any{
		"version": "2020-06-30", "outputFormat": "DYNAMODB_JSON", "itemCount": len(items), "exportType": "FULL_EXPORT",
	})
	if err != nil {
		t.Fatal(err)
	}
	written["manifest-summary.json"] = &fstest.MapFile{Data: summary}
	return written
}

// everything returns all items of a table by their keys.
func everything(t *testing.T, client *dynamodb.Client, table string) map[string]restore.Item {
	t.Helper()
	found := map[string]restore.Item{}
	for pages := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{TableName: &table}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			found[text(item, "pk")+" "+text(item, "sk")] = item
		}
	}
	return found
}

func text(item restore.Item, name string) string {
	s, _ := item[name].(*types.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	return s.Value
}
