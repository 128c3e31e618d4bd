package infra_test

import (
	"testing"
)

// TestFunctionsThatAskGitalyCanBeInItsNetwork: Gitaly is reached from subnets only; what does not ask it stays outside, where it
// needs no endpoints and starts as it does without.
func TestFunctionsThatAskGitalyCanBeInItsNetwork(t *testing.T) {
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
			t.Errorf("%s is %v by default, want none", parameter, got)
		}
	}
}

// TestCodeHasNoUseOfTheNetworkPolicy: the one grant on every resource is for Lambda itself.
func TestCodeHasNoUseOfTheNetworkPolicy(t *testing.T) {
	tpl := read(t, "template.yaml")
	if condition := text(tpl.root, "Resources", "NetworkPolicy", "Condition"); condition != "IsInVpc" {
		t.Errorf("there under %q", condition)
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
	equal(t, "what Lambda may do", allowed, []string{
		"ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:DeleteNetworkInterface",
		"ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
	})
	equal(t, "what its code may not", denied, []string{"ec2:*"})
	if policies := tpl.ofType("AWS::IAM::ManagedPolicy"); len(policies) != 1 {
		t.Errorf("managed policies %q, which no test of roles reads", policies)
	}
}
