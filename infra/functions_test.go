package infra_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"postern/shared/config"
)

func TestEveryFunctionHasItsBuildTarget(t *testing.T) {
	tpl := read(t, "template.yaml")
	makefile, err := os.ReadFile(root("Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, function := range tpl.functions() {
		want = append(want, "build-"+function)
		if text(tpl.root, "Resources", function, "Metadata", "BuildMethod") != "makefile" {
			t.Errorf("%s has no build target in the Makefile", function)
		}
	}
	named := regexp.MustCompile(`\bbuild-[A-Za-z0-9]+Function\b`)
	got := named.FindAllString(string(makefile), -1)
	slices.Sort(got)
	equal(t, "build targets", slices.Compact(got), want)
}

func TestEveryFunctionHasItsProgram(t *testing.T) {
	tpl := read(t, "template.yaml")
	for _, function := range tpl.functions() {
		family := strings.ToLower(strings.TrimSuffix(function, "Function"))
		if _, err := os.Stat(root("functions/" + family + "/lambda/main.go")); err != nil {
			t.Errorf("%s: %v", function, err)
		}
	}
}

func TestFunctionsRunOnTheChosenProcessor(t *testing.T) {
	tpl := read(t, "template.yaml")
	global := at(tpl.root, "Globals", "Function")
	if text(global, "Runtime") != "provided.al2023" || text(global, "Handler") != "bootstrap" {
		t.Errorf("runtime %q, handler %q", text(global, "Runtime"), text(global, "Handler"))
	}
	if architecture := list(global, "Architectures"); len(architecture) != 1 || text(architecture[0], "Ref") != "Architecture" {
		t.Errorf("architectures %v do not follow the parameter", architecture)
	}
	if text(tpl.root, "Parameters", "Architecture", "Default") != "arm64" {
		t.Error("the default is not arm64")
	}
}

// resolved returns an environment as a function receives it, with every parameter at its default.
func (tpl template) resolved(environment object) map[string]string {
	found := map[string]string{}
	for name, value := range environment {
		inner, unit, _ := strings.Cut(strings.TrimPrefix(text(value, "Fn::Sub"), "${"), "}")
		reference := text(value, "Ref") + inner
		parameter := at(tpl.root, "Parameters", reference)
		if parameter == nil {
			found[name] = reference // a resource's name may have any value
			continue
		}
		found[name] = fmt.Sprint(at(parameter, "Default")) + unit
	}
	return found
}

func TestFunctionsGetTheVariablesThatTheyRead(t *testing.T) {
	tpl := read(t, "template.yaml")
	for _, function := range tpl.functions() {
		t.Run(function, func(t *testing.T) {
			answers := len(tpl.routed(function)) > 0
			need := []config.Variable{config.TableName}
			switch {
			case tpl.environment(function)["KAS_SECRET_ID"] != nil:
				need = append(need, config.KASSecretID)
			case answers && tpl.routed(function)[0].api == internalAPI:
				need = append(need, config.ShellSecretID)
			}
			if function == "RotationFunction" {
				need = []config.Variable{config.ShellSecretID, config.KASSecretID, config.EventBus}
			}
			if len(tpl.streams(function)) > 0 {
				need = append(need, "EVENT_BUS", "FAILURES_QUEUE_URL")
			}
			variables := tpl.resolved(tpl.environment(function))
			idle := maps.Clone(variables)
			_, err := config.Load(func(name string) string {
				delete(idle, name)
				return variables[name]
			}, need...)
			if err != nil {
				t.Error(err)
			}
			for name := range idle {
				t.Errorf("unused variable %s", name)
			}
			if _, timed := variables["GATEWAY_TIMEOUT"]; timed != answers {
				t.Errorf("answers requests: %v, GATEWAY_TIMEOUT set: %v", answers, timed)
			}
		})
	}
}

func TestVariablesNameTheRightResources(t *testing.T) {
	tpl := read(t, "template.yaml")
	resources := map[string]string{
		"TABLE_NAME": "Table", "SHELL_SECRET_ID": "ShellSecret", "KAS_SECRET_ID": "KasSecret",
		"TOKEN_SECRET_ID": "TokenSecret", "EVENT_BUS": "EventBusName", "FAILURES_QUEUE_URL": "PostReceiveFailures",
	}
	for _, function := range tpl.functions() {
		environment := tpl.environment(function)
		for name, resource := range resources {
			if v := environment[name]; v != nil && text(v, "Ref") != resource {
				t.Errorf("%s: %s is %v", function, name, v)
			}
		}
	}
}

// A function starts with every value that a parameter allows.
func TestFunctionsAcceptEveryParameterValue(t *testing.T) {
	tpl := read(t, "template.yaml")
	accepts := func(name, value string) {
		if _, err := config.Load(func(asked string) string {
			if asked == name {
				return value
			}
			return ""
		}); err != nil {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
	for _, level := range texts(tpl.root, "Parameters", "LogLevel", "AllowedValues") {
		accepts("LOG_LEVEL", level)
	}
	for _, seconds := range list(tpl.root, "Parameters", "GatewayTimeout", "AllowedValues") {
		accepts("GATEWAY_TIMEOUT", fmt.Sprintf("%vs", seconds))
	}
	accepts("URL_ROOT", text(tpl.root, "Parameters", "UrlRoot", "Default"))
}

// The timeout of a function that answers requests is its gateway's timeout. GATEWAY_TIMEOUT has the same value.
func TestFunctionTimeoutIsTheGatewayTimeout(t *testing.T) {
	tpl := read(t, "template.yaml")
	if text(tpl.root, "Globals", "Function", "Timeout", "Ref") != "GatewayTimeout" {
		t.Error("the functions' timeout does not follow GatewayTimeout")
	}
	if got := at(tpl.root, "Parameters", "GatewayTimeout", "Default"); got != 29 {
		t.Errorf("GatewayTimeout is %v by default, want 29", got)
	}
	for _, function := range tpl.functions() {
		if len(tpl.routed(function)) == 0 {
			continue
		}
		if own := at(tpl.resource(function), "Timeout"); own != nil {
			t.Errorf("%s has a timeout of its own: %v", function, own)
		}
		if timeout := text(tpl.environment(function), "GATEWAY_TIMEOUT", "Fn::Sub"); timeout != "${GatewayTimeout}s" {
			t.Errorf("%s: GATEWAY_TIMEOUT is %q", function, timeout)
		}
	}
}

func TestDirectoryFunctionLoadsOneDocumentAtATime(t *testing.T) {
	tpl := read(t, "template.yaml")
	directory := tpl.resource("DirectoryFunction")
	if got := at(directory, "Timeout"); got != 900 {
		t.Errorf("timeout %v, want 900", got)
	}
	if reserved := list(directory, "ReservedConcurrentExecutions", "Fn::If"); len(reserved) != 3 || reserved[1] != 1 {
		t.Errorf("reserved concurrency %v, want 1", reserved)
	}
	if queue := text(directory, "EventInvokeConfig", "DestinationConfig", "OnFailure", "Destination", "Fn::GetAtt"); queue != "DirectoryFailures.Arn" {
		t.Errorf("failed events go to %q", queue)
	}
	if bucket := text(directory, "Events", "Document", "Properties", "Bucket", "Ref"); bucket != "DirectoryBucket" {
		t.Errorf("documents come from %q", bucket)
	}
}

func TestDirectoryBucketIsPrivate(t *testing.T) {
	bucket := read(t, "template.yaml").resource("DirectoryBucket")
	for _, name := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
		if at(bucket, "PublicAccessBlockConfiguration", name) != true {
			t.Errorf("%s is not on", name)
		}
	}
	if text(bucket, "VersioningConfiguration", "Status") != "Enabled" {
		t.Error("it keeps no versions")
	}
	if len(list(bucket, "BucketEncryption", "ServerSideEncryptionConfiguration")) != 1 {
		t.Error("it is not encrypted")
	}
	if rules := list(bucket, "LifecycleConfiguration", "Rules"); len(rules) != 1 || at(rules[0], "ExpirationInDays") == nil {
		t.Error("documents never expire")
	}
}
