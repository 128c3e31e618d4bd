package infra_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/functions/gitaccess"
	"postern/shared/httpapi"
)

// The gateway's own responses have the status and the body of a function's response to the same request.
func TestGatewayResponsesMatchTheFunctions(t *testing.T) {
	responses := at(read(t, "template.yaml").root, "Globals", "Api", "GatewayResponses")
	tests := []struct {
		name    string
		request *http.Request
	}{
		{"MISSING_AUTHENTICATION_TOKEN", httptest.NewRequest(http.MethodGet, "/api/v4/internal/nothing", http.NoBody)},
		{"RESOURCE_NOT_FOUND", httptest.NewRequest(http.MethodGet, "/", http.NoBody)},
		{"REQUEST_TOO_LARGE", post("application/json", strings.NewReader(`{"a":"`+strings.Repeat("a", 6<<20)+`"}`))},
		{"UNSUPPORTED_MEDIA_TYPE", post("text/xml", strings.NewReader("<a/>"))},
	}
	family := gitaccess.New(gitaccess.Deps{Shell: acceptAll{}, Now: time.Now, HTTP: httpapi.Options{
		Logger: slog.New(slog.DiscardHandler), Now: time.Now, Timeout: time.Minute,
	}})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			family.ServeHTTP(w, tt.request)
			if got := at(responses, tt.name, "StatusCode"); got != w.Code {
				t.Errorf("gateway answers %v, function %d", got, w.Code)
			}
			if got := text(responses, tt.name, "ResponseTemplates", "application/json"); got != strings.TrimSpace(w.Body.String()) {
				t.Errorf("gateway answers %s, function %s", got, w.Body)
			}
		})
	}
}

func post(contentType string, body io.Reader) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/api/v4/internal/allowed", body)
	r.Header.Set("Content-Type", contentType)
	return r
}

func TestGatewayResponsesAreJSON(t *testing.T) {
	responses := at(read(t, "template.yaml").root, "Globals", "Api", "GatewayResponses")
	for _, name := range []string{"DEFAULT_4XX", "DEFAULT_5XX", "THROTTLED", "INTEGRATION_TIMEOUT", "INTEGRATION_FAILURE"} {
		if at(responses, name) == nil {
			t.Errorf("%s keeps AWS's default body", name)
		}
	}
	for _, name := range keys(responses) {
		body := text(responses, name, "ResponseTemplates", "application/json")
		body = strings.ReplaceAll(body, "$context.error.messageString", `"Forbidden"`)
		var answer map[string]any
		if err := json.Unmarshal([]byte(body), &answer); err != nil {
			t.Errorf("%s: %v in %s", name, err, body)
		}
		if answer["message"] == nil && answer["error"] == nil {
			t.Errorf("%s: neither message nor error in %s", name, body)
		}
	}
}

func TestInternalGatewayIsClosedByDefault(t *testing.T) {
	tpl := read(t, "template.yaml")
	statements := list(tpl.resource(internalAPI), "Auth", "ResourcePolicy", "CustomStatements")
	if len(statements) == 0 {
		t.Fatal("no resource policy")
	}
	for _, s := range statements {
		branches := list(s, "Condition", "Fn::If")
		if len(branches) != 3 {
			t.Fatalf("condition %v admits every address", at(s, "Condition"))
		}
		if text(branches[1], "StringEquals", "aws:SourceVpce", "Ref") != "VpcEndpointId" {
			t.Error("PRIVATE is not confined to the VPC endpoint")
		}
		if text(branches[2], "IpAddress", "aws:SourceIp", "Ref") != "AllowedCidrs" {
			t.Error("REGIONAL is not confined to addresses")
		}
	}
	for cidr := range strings.SplitSeq(text(tpl.root, "Parameters", "AllowedCidrs", "Default"), ",") {
		private := []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"}
		if !slices.Contains(private, strings.TrimSpace(cidr)) {
			t.Errorf("the default admits the public range %s", cidr)
		}
	}
	if at(tpl.resource(internalAPI), "AlwaysDeploy") != true {
		t.Error("a changed resource policy takes effect with the next changed route only")
	}
}

func TestGatewaysLogNoBodies(t *testing.T) {
	tpl := read(t, "template.yaml")
	for _, name := range []string{internalAPI, publicAPI} {
		properties := tpl.resource(name)
		for _, setting := range list(properties, "MethodSettings") {
			if at(setting, "DataTraceEnabled") != false || text(setting, "LoggingLevel") != "OFF" {
				t.Errorf("%s: execution log of %s", name, text(setting, "ResourcePath"))
			}
		}
		var line map[string]string
		if err := json.Unmarshal([]byte(text(properties, "AccessLogSetting", "Format")), &line); err != nil {
			t.Errorf("%s: access log is not JSON: %v", name, err)
		}
		for field, value := range line {
			if !slices.Contains(logged, value) {
				t.Errorf("%s: %s, %s, may hold a credential", name, field, value)
			}
		}
		for _, own := range []string{"GatewayResponses", "BinaryMediaTypes"} {
			if v := at(properties, own); v != nil {
				t.Errorf("%s has %s of its own: %v", name, own, v)
			}
		}
	}
}

// logged are the variables that an access log may contain. Headers, queries and bodies may hold credentials.
var logged = []string{
	"$context.requestTime", "$context.requestId", "$context.identity.sourceIp", "$context.httpMethod", "$context.path", "$context.status",
	"$context.responseLatency", "$context.integrationLatency", "$context.error.responseType",
}

// The local system creates its table from this resource, without CloudFormation.
func TestTableIsALiteral(t *testing.T) {
	tpl := read(t, "template.yaml")
	table := maps.Clone(tpl.resource("Table").(object))
	delete(table, "SSESpecification") // DynamoDB Local encrypts nothing
	walk(table, func(key string, v any) {
		if strings.HasPrefix(key, "Fn::") || key == "Ref" {
			t.Errorf("%s %v needs a stack to be resolved", key, v)
		}
	})
	for _, tt := range []struct {
		want any
		path []string
	}{
		{"PAY_PER_REQUEST", []string{"BillingMode"}},
		{"expires", []string{"TimeToLiveSpecification", "AttributeName"}},
		{true, []string{"TimeToLiveSpecification", "Enabled"}},
		{"NEW_AND_OLD_IMAGES", []string{"StreamSpecification", "StreamViewType"}},
		{true, []string{"PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"}},
		{true, []string{"DeletionProtectionEnabled"}},
		{nil, []string{"GlobalSecondaryIndexes"}},
		{nil, []string{"TableName"}},
	} {
		if got := at(table, tt.path...); got != tt.want {
			t.Errorf("%s is %v, want %v", strings.Join(tt.path, "."), got, tt.want)
		}
	}
}

// Tables, secrets and buckets of documents outlive their stack.
func TestStoredDataOutlivesTheStack(t *testing.T) {
	tpl := read(t, "template.yaml")
	for _, id := range []string{"Table", "ShellSecret", "KasSecret", "TokenSecret", "DirectoryBucket"} {
		for _, policy := range []string{"DeletionPolicy", "UpdateReplacePolicy"} {
			if got := text(tpl.root, "Resources", id, policy); got != "Retain" {
				t.Errorf("%s: %s is %q", id, policy, got)
			}
		}
	}
}

// acceptAll is an authenticator that accepts every request.
type acceptAll struct{}

func (acceptAll) Authenticate(context.Context, *http.Request) error { return nil }
