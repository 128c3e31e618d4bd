package infra_test

import (
	"testing"
)

// Only functions that call Gitaly are in the subnets. The others need no endpoints and start faster outside.
func TestOnlyGitalyClientsAreInTheVPC(t *testing.T) {
	tpl := read(t, "template.yaml")
	var inside []string
	for _, function := range tpl.functions() {
		placed := list(tpl.resource(function), "VpcConfig", "Fn::If")
		if placed == nil {
			continue
		}
		inside = append(inside, function)
		if len(placed) != 3 || placed[0] != "IsInVpc" || text(placed[2], "Ref") != "AWS::NoValue" {
			t.Fatalf("%s: %v does not follow the subnets", function, placed)
		}
		for property, parameter := range map[string]string{"SubnetIds": "VpcSubnetIds", "SecurityGroupIds": "VpcSecurityGroupIds"} {
			if got := text(placed[1], property, "Ref"); got != parameter {
				t.Errorf("%s: %s is %q, want %s", function, property, got, parameter)
			}
		}
	}
	equal(t, "functions in the VPC", inside, []string{"GitAccessFunction", "PostReceiveFunction"})
	for _, parameter := range []string{"VpcSubnetIds", "VpcSecurityGroupIds"} {
		if got := at(tpl.root, "Parameters", parameter, "Default"); got != "" {
			t.Errorf("%s is %v by default, want it empty", parameter, got)
		}
	}
}

// Lambda itself uses the network grants. A function's code is denied them.
func TestNetworkPolicyDeniesFunctionCode(t *testing.T) {
	tpl := read(t, "template.yaml")
	if condition := text(tpl.root, "Resources", "NetworkPolicy", "Condition"); condition != "IsInVpc" {
		t.Errorf("its condition is %q", condition)
	}
	var allowed, denied []string
	for _, s := range list(tpl.resource("NetworkPolicy"), "PolicyDocument", "Statement") {
		switch {
		case text(s, "Effect") == "Allow":
			allowed = append(allowed, texts(s, "Action")...)
		case text(s, "Condition", "Null", "lambda:SourceFunctionArn") == "false" && text(s, "Resource") == "*":
			denied = append(denied, texts(s, "Action")...)
		}
	}
	equal(t, "Lambda's actions", allowed, []string{
		"ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:DeleteNetworkInterface",
		"ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
	})
	equal(t, "actions denied to code", denied, []string{"ec2:*"})
	if policies := tpl.ofType("AWS::IAM::ManagedPolicy"); len(policies) != 1 {
		t.Errorf("managed policies %q: the tests of roles read one", policies)
	}
}
