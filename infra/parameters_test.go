package infra_test

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestParametersAreExplained(t *testing.T) {
	tpl := read(t, "template.yaml")
	for _, name := range keys(at(tpl.root, "Parameters")) {
		p := at(tpl.root, "Parameters", name)
		if description := text(p, "Description"); !strings.HasSuffix(description, ".") {
			t.Errorf("%s: description %q", name, description)
		}
		if at(p, "Default") == nil {
			t.Errorf("%s has no default: a first deployment asks for it", name)
		}
		if text(p, "Type") == "String" && text(p, "AllowedPattern") == "" && len(list(p, "AllowedValues")) == 0 {
			t.Errorf("%s has neither pattern nor allowed values", name)
		}
		if pattern, value := text(p, "AllowedPattern"), fmt.Sprint(at(p, "Default")); pattern != "" && !takes(t, pattern, value) {
			t.Errorf("%s: its default %q does not match its pattern", name, value)
		}
	}
}

// takes compares the whole value with a pattern, as CloudFormation does.
func takes(t *testing.T, pattern, value string) bool {
	t.Helper()
	form, err := regexp.Compile("^(?:" + pattern + ")$")
	if err != nil {
		t.Fatal(err)
	}
	return form.MatchString(value)
}

// The console shows each parameter in one named group.
func TestParametersAreGrouped(t *testing.T) {
	tpl := read(t, "template.yaml")
	shown := at(tpl.root, "Metadata", "AWS::CloudFormation::Interface")
	var grouped []string
	for _, group := range list(shown, "ParameterGroups") {
		if text(group, "Label", "default") == "" {
			t.Errorf("a group without a name: %v", group)
		}
		grouped = append(grouped, texts(group, "Parameters")...)
	}
	equal(t, "parameters in groups", grouped, keys(at(tpl.root, "Parameters")))
}

// The template accepts all parameters of samconfig.toml.
func TestTemplateAcceptsConfiguredParameters(t *testing.T) {
	tpl := read(t, "template.yaml")
	raw, err := os.ReadFile(root("samconfig.toml"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^\[(\w+)\.deploy\.parameters\]$(?s:.*?)^parameter_overrides = "(.*?)"$`).FindAllStringSubmatch(string(raw), -1)
	var environments []string
	for _, section := range found {
		environments = append(environments, section[1])
		for _, given := range strings.Fields(section[2]) {
			name, value, _ := strings.Cut(given, "=")
			p := at(tpl.root, "Parameters", name)
			if p == nil {
				t.Errorf("%s: no parameter %s", section[1], name)
				continue
			}
			var allowed []string
			for _, v := range list(p, "AllowedValues") {
				allowed = append(allowed, fmt.Sprint(v))
			}
			if len(allowed) > 0 && !slices.Contains(allowed, value) || !takes(t, cmp.Or(text(p, "AllowedPattern"), ".*"), value) {
				t.Errorf("%s: %s rejects %q", section[1], name, value)
			}
		}
	}
	equal(t, "environments", environments, []string{"default", "dev", "prod"})
}

func TestOutputsAreExplained(t *testing.T) {
	tpl := read(t, "template.yaml")
	for _, name := range keys(at(tpl.root, "Outputs")) {
		if description := text(tpl.root, "Outputs", name, "Description"); !strings.HasSuffix(description, ".") {
			t.Errorf("%s: description %q", name, description)
		}
	}
	for _, need := range []string{"InternalUrl", "PublicUrl", "TableName", "ShellSecretArn", "KasSecretArn", "TokenSecretArn", "DashboardUrl"} {
		if at(tpl.root, "Outputs", need) == nil {
			t.Errorf("no output %s", need)
		}
	}
	if text(tpl.root, "Outputs", "DirectoryFunctionName", "Value", "Ref") != "DirectoryFunction.Alias" {
		t.Error("documents are sent past the alias")
	}
}
