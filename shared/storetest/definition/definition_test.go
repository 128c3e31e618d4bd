package definition_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/storetest"
	"postern/shared/storetest/definition"
)

// minimal is the smallest valid template. Tests append further properties.
const minimal = `
Parameters: {Name: {Type: String}}
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties: {Role: !GetAtt Role.Arn}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - {AttributeName: pk, AttributeType: S}
        - {AttributeName: sk, AttributeType: S}
      KeySchema:
        - {AttributeName: pk, KeyType: HASH}
        - {AttributeName: sk, KeyType: RANGE}
`

func TestTemplateTableMatchesDesign(t *testing.T) {
	table, err := definition.Read(filepath.Join(storetest.Root(t), definition.Template))
	if err != nil {
		t.Fatal(err)
	}
	input := table.Input("any")
	if aws.ToString(input.TableName) != "any" || input.BillingMode != types.BillingModePayPerRequest {
		t.Errorf("table %s is billed as %s", aws.ToString(input.TableName), input.BillingMode)
	}
	want := []types.KeySchemaElement{
		{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash},
		{AttributeName: aws.String("sk"), KeyType: types.KeyTypeRange},
	}
	for i, part := range input.KeySchema {
		if i >= len(want) || *part.AttributeName != *want[i].AttributeName || part.KeyType != want[i].KeyType {
			t.Errorf("key part %d = %s %s", i, *part.AttributeName, part.KeyType)
		}
	}
	if len(input.GlobalSecondaryIndexes) > 1 {
		t.Errorf("%d indexes, at most one is allowed", len(input.GlobalSecondaryIndexes))
	}
	if input.StreamSpecification == nil || input.StreamSpecification.StreamViewType != types.StreamViewTypeNewAndOldImages {
		t.Error("the stream lacks new and old images")
	}
}

func TestRootFindsModule(t *testing.T) {
	dir := t.TempDir()
	below := filepath.Join(dir, "a", "b")
	if err := os.MkdirAll(below, 0o700); err != nil {
		t.Fatal(err)
	}
	if found, err := definition.Root(below); err == nil {
		t.Errorf("Root = %s without a module", found)
	}
	for _, name := range []string{"go.mod", definition.Template} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, start := range []string{dir, below} {
		if found, err := definition.Root(start); err != nil || found != dir {
			t.Errorf("Root(%s) = %s, %v; want %s", start, found, err, dir)
		}
	}
}

func TestParseReadsTable(t *testing.T) {
	cases := []struct {
		name, text string
		want       string // a part of the error, "" for none
	}{
		{"the minimal template", minimal, ""},
		{"an intrinsic function in an ignored property", minimal + "      DeletionProtectionEnabled: !Ref Protect\n", ""},
		{"a stream", minimal + "      StreamSpecification: {StreamViewType: KEYS_ONLY}\n", ""},
		{"malformed YAML", "a: [", "not a template"},
		{"no table", "Resources: {Other: {Type: AWS::DynamoDB::Table}}", definition.ErrNoTable.Error()},
		{"a table of another type", "Resources: {Table: {Type: AWS::DynamoDB::GlobalTable}}", definition.ErrNoTable.Error()},
		{"a table without properties", "Resources: {Table: {Type: AWS::DynamoDB::Table}}", "Resources.Table"},
		{"a table without a key", "Resources: {Table: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: X}}}", "no KeySchema"},
		{"an unknown property", minimal + "      LocalSecondaryIndexes: []\n", "LocalSecondaryIndexes is unknown"},
		{
			"a short intrinsic function", minimal + "      TimeToLiveSpecification: {AttributeName: !Ref Name}\n",
			"Resources.Table.TimeToLiveSpecification (line 17): must be a plain literal",
		},
		{
			"a long intrinsic function",
			minimal + "      StreamSpecification: {StreamViewType: {Fn::If: [A, B, C]}}\n", "must be a plain literal",
		},
		{"a list as string", strings.Replace(minimal, "PAY_PER_REQUEST", "[a]", 1), "cannot unmarshal"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := definition.Parse([]byte(c.text))
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v, want %q", err, c.want)
			}
		})
	}
}

func TestWithoutStreamKeepsDefinition(t *testing.T) {
	table, err := definition.Parse([]byte(minimal + "      StreamSpecification: {StreamViewType: KEYS_ONLY}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if stream := table.WithoutStream().Input("t").StreamSpecification; stream != nil {
		t.Errorf("stream = %+v, want none", stream)
	}
	if stream := table.Input("t").StreamSpecification; stream == nil || stream.StreamViewType != types.StreamViewTypeKeysOnly {
		t.Errorf("stream = %+v, want the template's", stream)
	}
}

func TestInputIncludesIndexes(t *testing.T) {
	table, err := definition.Parse([]byte(minimal + `      GlobalSecondaryIndexes:
        - IndexName: by_sk
          KeySchema: [{AttributeName: sk, KeyType: HASH}]
          Projection: {ProjectionType: INCLUDE, NonKeyAttributes: [name]}
`))
	if err != nil {
		t.Fatal(err)
	}
	indexes := table.Input("t").GlobalSecondaryIndexes
	if len(indexes) != 1 || *indexes[0].IndexName != "by_sk" || *indexes[0].KeySchema[0].AttributeName != "sk" ||
		indexes[0].Projection.NonKeyAttributes[0] != "name" {
		t.Errorf("indexes = %+v", indexes)
	}
}

func TestReadErrorNamesFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "none.yaml")
	if _, err := definition.Read(file); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("error = %v, want the file's name", err)
	}
	if err := os.WriteFile(file, []byte("Resources: {}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := definition.Read(file); !errors.Is(err, definition.ErrNoTable) || !strings.Contains(err.Error(), file) {
		t.Errorf("error = %v, want ErrNoTable with the file", err)
	}
}

// fake returns fixed results and records its calls.
type fake struct {
	created, ttl error
	calls        []string
}

func (f *fake) CreateTable(
	_ context.Context, in *dynamodb.CreateTableInput, _ ...func(*dynamodb.Options),
) (*dynamodb.CreateTableOutput, error) {
	f.calls = append(f.calls, "create "+*in.TableName)
	return nil, f.created
}

func (f *fake) UpdateTimeToLive(
	_ context.Context, in *dynamodb.UpdateTimeToLiveInput, _ ...func(*dynamodb.Options),
) (*dynamodb.UpdateTimeToLiveOutput, error) {
	f.calls = append(f.calls, "ttl "+*in.TimeToLiveSpecification.AttributeName)
	return nil, f.ttl
}

func TestCreateMakesTableAndTTL(t *testing.T) {
	boom := errors.New("boom")
	const withTTL = minimal + "      TimeToLiveSpecification: {AttributeName: expires, Enabled: true}\n"
	cases := []struct {
		name, text string
		api        fake
		isNew      bool
		err        error
		calls      string
	}{
		{"with its TTL", withTTL, fake{}, true, nil, "create t, ttl expires"},
		{"without a TTL", minimal, fake{}, true, nil, "create t"},
		{"an existing table", withTTL, fake{created: &types.ResourceInUseException{}}, false, nil, "create t"},
		{"a failure", withTTL, fake{created: boom}, false, boom, "create t"},
		{"a failure of the TTL", withTTL, fake{ttl: boom}, true, boom, "create t, ttl expires"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			table, err := definition.Parse([]byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			isNew, err := table.Create(t.Context(), &c.api, "t")
			if isNew != c.isNew || !errors.Is(err, c.err) {
				t.Errorf("Create = %v, %v; want %v, %v", isNew, err, c.isNew, c.err)
			}
			if got := strings.Join(c.api.calls, ", "); got != c.calls {
				t.Errorf("calls %q, want %q", got, c.calls)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(minimal)
	f.Add("Resources: {Table: {Type: AWS::DynamoDB::Table, Properties: [a]}}")
	f.Add("Resources: {Table: &a {Type: AWS::DynamoDB::Table, Properties: {KeySchema: *a}}}")
	f.Fuzz(func(t *testing.T, text string) {
		table, err := definition.Parse([]byte(text))
		if err == nil && len(table.Input("t").KeySchema) == 0 {
			t.Error("a table without a key")
		}
	})
}
