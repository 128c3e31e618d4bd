package infra_test

import (
	"slices"
	"strings"
	"testing"
)

const edge = "infra/edge.yaml"

func TestPublicGatewayIsThrottledByItself(t *testing.T) {
	tpl := read(t, "template.yaml")
	for api, prefix := range map[string]string{internalAPI: "", publicAPI: "Public"} {
		settings := list(tpl.resource(api), "MethodSettings")
		if len(settings) != 1 || text(settings[0], "ResourcePath") != "/*" || text(settings[0], "HttpMethod") != "*" {
			t.Fatalf("%s: %v do not hold for every route", api, settings)
		}
		for property, parameter := range map[string]string{"ThrottlingRateLimit": "ThrottleRate", "ThrottlingBurstLimit": "ThrottleBurst"} {
			if got := text(settings[0], property, "Ref"); got != prefix+parameter {
				t.Errorf("%s: %s follows %q", api, property, got)
			}
		}
	}
}

// The resource policy opens the public gateway to every address until PublicCidrs names some.
func TestPublicGatewayAdmitsPublicCidrsOnly(t *testing.T) {
	tpl := read(t, "template.yaml")
	statements := list(tpl.resource(publicAPI), "Auth", "ResourcePolicy", "CustomStatements")
	if len(statements) != 1 || text(statements[0], "Effect") != "Allow" ||
		text(statements[0], "Condition", "IpAddress", "aws:SourceIp", "Ref") != "PublicCidrs" {
		t.Errorf("its policy is %v", statements)
	}
	if got := text(tpl.root, "Parameters", "PublicCidrs", "Default"); got != "0.0.0.0/0" {
		t.Errorf("PublicCidrs is %q by default", got)
	}
	if at(tpl.resource(publicAPI), "AlwaysDeploy") != true {
		t.Error("changed addresses take effect with the next changed route only")
	}
}

func TestEdgeStackGetsItsParameters(t *testing.T) {
	tpl, inner := read(t, "template.yaml"), read(t, edge)
	stack := tpl.resource("Edge")
	if text(stack, "TemplateURL") != edge || text(tpl.root, "Resources", "Edge", "Condition") != "HasEdge" {
		t.Fatalf("the edge is %v", stack)
	}
	equal(t, "parameters", keys(at(stack, "Parameters")), keys(at(inner.root, "Parameters")))
	for name, from := range map[string]string{"InternalStage": "InternalApi.Stage", "PublicStage": "PublicApi.Stage"} {
		if got := text(stack, "Parameters", name, "Ref"); got != from { // otherwise it does not wait for the stage
			t.Errorf("%s comes from %q", name, got)
		}
	}
	for _, name := range []string{"InternalDomainName", "PublicDomainName", "PublicWebAclArn"} {
		if at(tpl.root, "Parameters", name, "Default") != "" || text(stack, "Parameters", name, "Ref") != name {
			t.Errorf("%s is not off by default, or not passed on", name)
		}
	}
}

// A custom domain requires TLS 1.2 and disables the gateway's default endpoint.
func TestCustomDomainsRequireTLS12(t *testing.T) {
	tpl, inner := read(t, "template.yaml"), read(t, edge)
	for _, side := range []string{"Internal", "Public"} {
		domain, mapping := inner.resource(side+"Domain"), inner.resource(side+"Mapping")
		if text(domain, "SecurityPolicy") != "TLS_1_2" || text(domain, "RegionalCertificateArn", "Ref") != side+"CertificateArn" {
			t.Errorf("%s: %v", side, domain)
		}
		if text(mapping, "RestApiId", "Ref") != side+"Api" || text(mapping, "Stage", "Ref") != side+"Stage" ||
			text(mapping, "DomainName", "Ref") != side+"Domain" || at(mapping, "BasePath") != nil {
			t.Errorf("%s leads to %v", side, mapping)
		}
		for _, resource := range []string{side + "Domain", side + "Mapping"} {
			if got := text(inner.root, "Resources", resource, "Condition"); got != "Has"+side+"Domain" {
				t.Errorf("%s is there under the condition %q", resource, got)
			}
		}
		off := list(tpl.resource(side+"Api"), "DisableExecuteApiEndpoint", "Fn::If")
		if !slices.Equal(off, []any{"Has" + side + "Domain", true, false}) {
			t.Errorf("the default endpoint of %s is not disabled: %v", side, off)
		}
		url := list(tpl.root, "Outputs", side+"Url", "Value", "Fn::If")
		if len(url) != 3 || url[0] != "Has"+side+"Domain" || text(url[1], "Fn::Sub") != "https://${"+side+"DomainName}" {
			t.Errorf("%sUrl is %v", side, url)
		}
	}
}

func TestWebACLProtectsThePublicStage(t *testing.T) {
	association := read(t, edge).resource("PublicWebAcl")
	const stage = "arn:${AWS::Partition}:apigateway:${AWS::Region}::/restapis/${PublicApi}/stages/${PublicStage}"
	if text(association, "ResourceArn", "Fn::Sub") != stage || text(association, "WebACLArn", "Ref") != "PublicWebAclArn" {
		t.Errorf("%v", association)
	}
}

// encrypted has the types of resources that store data, with the path of the encryption key in each.
var encrypted = map[string][]string{
	"AWS::SecretsManager::Secret": {"KmsKeyId"},
	"AWS::SQS::Queue":             {"KmsMasterKeyId"},
	"AWS::Logs::LogGroup":         {"KmsKeyId"},
}

// Stored data is encrypted with KmsKeyArn. Without that parameter AWS's keys encrypt it.
func TestStoredDataIsEncryptedWithTheGivenKey(t *testing.T) {
	tpl := read(t, "template.yaml")
	for kind, path := range encrypted {
		resources := tpl.ofType(kind)
		if len(resources) == 0 {
			t.Errorf("no %s", kind)
		}
		for _, id := range resources {
			branches := list(tpl.resource(id), append(slices.Clone(path), "Fn::If")...)
			if len(branches) != 3 || branches[0] != "HasKey" || text(branches[1], "Ref") != "KmsKeyArn" || text(branches[2], "Ref") != "AWS::NoValue" {
				t.Errorf("%s lacks %s: !If [HasKey, !Ref KmsKeyArn, !Ref AWS::NoValue]", id, strings.Join(path, "."))
			}
		}
	}
	for _, queue := range tpl.ofType("AWS::SQS::Queue") {
		if own := list(tpl.resource(queue), "SqsManagedSseEnabled", "Fn::If"); len(own) != 3 || own[0] != "HasKey" || own[2] != true {
			t.Errorf("%s is not encrypted without a key", queue)
		}
	}
	table := list(tpl.resource("Table"), "SSESpecification", "Fn::If")
	if len(table) != 3 || text(table[1], "KMSMasterKeyId", "Ref") != "KmsKeyArn" || at(table[2], "SSEEnabled") != true {
		t.Errorf("the table is encrypted by %v", table)
	}
	rules := list(tpl.resource("DirectoryBucket"), "BucketEncryption", "ServerSideEncryptionConfiguration")
	bucket := list(rules[0], "ServerSideEncryptionByDefault", "Fn::If")
	if len(bucket) != 3 || text(bucket[1], "KMSMasterKeyID", "Ref") != "KmsKeyArn" || text(bucket[2], "SSEAlgorithm") != "AES256" {
		t.Errorf("the bucket is encrypted by %v", bucket)
	}
}
