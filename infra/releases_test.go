package infra_test

import (
	"slices"
	"strings"
	"testing"
)

// Callers use a function's alias. The alarm of the function's errors and that of the gateway roll a release back.
func TestReleasesRollBack(t *testing.T) {
	tpl, inner := read(t, "template.yaml"), read(t, nested)
	global := at(tpl.root, "Globals", "Function")
	if text(global, "AutoPublishAlias") == "" || text(global, "DeploymentPreference", "Type", "Ref") != "Releases" {
		t.Error("functions are not released by an alias, as Releases says")
	}
	asked := func(v any) []string {
		var names []string
		for _, alarm := range list(v, "DeploymentPreference", "Alarms") {
			names = append(names, strings.TrimPrefix(text(alarm, "Fn::GetAtt"), "Observability.Outputs."))
		}
		return names
	}
	equal(t, "alarms of every function", asked(global), []string{"InternalApi5xx"})
	for _, function := range tpl.functions() {
		own := strings.TrimSuffix(function, "Function") + "Errors"
		if !slices.Equal(asked(tpl.resource(function)), []string{own}) {
			t.Errorf("%s: DeploymentPreference asks %v, want Alarms: [!GetAtt Observability.Outputs.%s]", function, asked(tpl.resource(function)), own)
		}
		if at(tpl.resource(function), "AutoPublishAliasAllProperties") != true {
			t.Errorf("%s: a changed setting makes no version: AutoPublishAliasAllProperties is not true", function)
		}
		if text(inner.root, "Outputs", own, "Value", "Ref") != own {
			t.Errorf("%s has no output %s", nested, own)
		}
		if value := list(inner.resource(own), "Dimensions"); len(value) != 1 || text(value[0], "Value", "Ref") != function {
			t.Errorf("%s watches %v, want %s", own, value, function)
		}
	}
}

// Provisioned concurrency costs money all the time, so only functions in a user's way have it.
func TestProvisionedConcurrencyIsLimitedToGit(t *testing.T) {
	tpl := read(t, "template.yaml")
	var warm []string
	for _, function := range tpl.functions() {
		branches := list(tpl.resource(function), "ProvisionedConcurrencyConfig", "Fn::If")
		if len(branches) == 0 {
			continue
		}
		warm = append(warm, function)
		if text(branches[1], "ProvisionedConcurrentExecutions", "Ref") != "ProvisionedConcurrency" || branches[0] != "IsProvisioned" {
			t.Errorf("%s: %v", function, branches)
		}
	}
	equal(t, "kept warm", warm, []string{"GitAccessFunction", "SSHKeysFunction"})
	if at(tpl.root, "Parameters", "ProvisionedConcurrency", "Default") != 0 {
		t.Error("it is paid for by default")
	}
}
