package definition

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

// Template is the path of the deployment template below the module's root.
const Template = "template.yaml"

// ErrNoTable reports a template without a resource "Table" of type AWS::DynamoDB::Table.
var ErrNoTable = errors.New("no Resources.Table of type AWS::DynamoDB::Table")

// Definition is the template's table. It can be created under any name.
type Definition struct {
	properties properties
}

// properties are the properties of AWS::DynamoDB::Table that DynamoDB Local supports.
type properties struct {
	BillingMode            string      `yaml:"BillingMode"`
	AttributeDefinitions   []attribute `yaml:"AttributeDefinitions"`
	KeySchema              []keyPart   `yaml:"KeySchema"`
	GlobalSecondaryIndexes []index     `yaml:"GlobalSecondaryIndexes"`
	TimeToLive             struct {
		AttributeName string `yaml:"AttributeName"`
		Enabled       bool   `yaml:"Enabled"`
	} `yaml:"TimeToLiveSpecification"`
	Stream struct {
		ViewType string `yaml:"StreamViewType"`
	} `yaml:"StreamSpecification"`
}

type attribute struct {
	Name string `yaml:"AttributeName"`
	Type string `yaml:"AttributeType"`
}

type keyPart struct {
	Name string `yaml:"AttributeName"`
	Type string `yaml:"KeyType"`
}

type index struct {
	Name       string    `yaml:"IndexName"`
	KeySchema  []keyPart `yaml:"KeySchema"`
	Projection struct {
		Type       string   `yaml:"ProjectionType"`
		Attributes []string `yaml:"NonKeyAttributes"`
	} `yaml:"Projection"`
}

// understood lists the known properties of the table. The value is true for those that DynamoDB Local supports. The others
// are ignored. An unlisted property is an error, so that none is missed.
var understood = map[string]bool{
	"BillingMode":                      true,
	"AttributeDefinitions":             true,
	"KeySchema":                        true,
	"GlobalSecondaryIndexes":           true,
	"TimeToLiveSpecification":          true,
	"StreamSpecification":              true,
	"TableName":                        false,
	"PointInTimeRecoverySpecification": false,
	"DeletionProtectionEnabled":        false,
	"SSESpecification":                 false,
	"Tags":                             false,
}

// Root returns the module's directory: dir or the nearest ancestor with a template beside a go.mod.
func Root(dir string) (string, error) {
	start := dir
	for {
		if isFile(filepath.Join(dir, "go.mod")) && isFile(filepath.Join(dir, Template)) {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("no go.mod with a %s beside it in %s or its ancestors", Template, start)
		}
		dir = parent
	}
}

// Here returns the module's directory for the working directory.
func Here() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("working directory: %w", err)
	}
	return Root(dir)
}

// Read reads the table's definition from a template file.
func Read(file string) (Definition, error) {
	text, err := os.ReadFile(file) //nolint:gosec // the caller names its own template
	if err != nil {
		return Definition{}, fmt.Errorf("read template: %w", err)
	}
	d, err := Parse(text)
	if err != nil {
		return Definition{}, fmt.Errorf("%s: %w", file, err)
	}
	return d, nil
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// Parse parses the table's definition from a template (YAML with CloudFormation's tags). Keys, indexes, TTL and stream
// must be literals. An intrinsic function is an error.
func Parse(text []byte) (Definition, error) {
	var template struct {
		Resources map[string]struct {
			Type       string    `yaml:"Type"`
			Properties yaml.Node `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		return Definition{}, fmt.Errorf("not a template: %w", err)
	}
	table, ok := template.Resources["Table"]
	if !ok || table.Type != "AWS::DynamoDB::Table" {
		return Definition{}, ErrNoTable
	}
	if err := literal(&table.Properties); err != nil {
		return Definition{}, err
	}
	var d Definition
	if err := table.Properties.Decode(&d.properties); err != nil {
		return Definition{}, fmt.Errorf("Resources.Table: %w", err)
	}
	if len(d.properties.KeySchema) == 0 || len(d.properties.AttributeDefinitions) == 0 {
		return Definition{}, fmt.Errorf("Resources.Table: %w", errors.New("no KeySchema or no AttributeDefinitions"))
	}
	return d, nil
}
