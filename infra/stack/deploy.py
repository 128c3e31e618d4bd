"""Deploys template.yaml to moto and prints the resources as JSON: deploy.py folder stack [Parameter=value]...

`sam package` packages the template in the folder. Then it is transformed as by CloudFormation, and created. moto's CloudFormation
lacks some types of resources. Those are not created, but the printed template has them.
"""

import ast
import json
import os
import re
import subprocess
import sys

import boto3
from botocore.config import Config
from moto.server import ThreadedMotoServer
from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

BUCKET = "packages"

# Types that moto cannot create and does not skip by itself. References to an alias lead to its function.
LACKING = {
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::Stage",
}


class NoPolicies:
    """The transform asks AWS for managed policies. The roles of the template have theirs in full."""

    def load(self):
        return {}


def package(folder, endpoint):
    """Uploads code and nested templates, and returns the template that refers to them."""
    client("s3", endpoint).create_bucket(Bucket=BUCKET)
    out = f"{folder}/packaged.yaml"
    subprocess.run(
        [f"{sys.prefix}/bin/sam", "package", "--template-file", f"{folder}/template.yaml", "--s3-bucket", BUCKET]
        + ["--output-template-file", out],
        check=True, stdout=sys.stderr,
    )
    with open(out) as file:
        return yaml_parse(file.read())


def creatable(template):
    """Returns the part of a transformed template that moto can create."""
    text = json.dumps(template)
    text = re.sub(r'\{"Ref": "(\w+Function)Aliaslive"\}', r'{"Ref": "\1"}', text)
    text = re.sub(r"\$\{(\w+Function)Aliaslive\}", r"${\1.Arn}", text)
    template = json.loads(text)
    for rule in (r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::Events::Rule"):
        for target in rule.get("Targets", []):
            if "Ref" in target["Arn"]:  # a function, whose Ref is its name
                target["Arn"] = {"Fn::GetAtt": [target["Arn"]["Ref"], "Arn"]}
    template["Resources"] = {k: v for k, v in template["Resources"].items() if v["Type"] not in LACKING}
    template["Parameters"]["GatewayTimeout"]["Type"] = "String"  # moto compares numbers with strings
    nested = template["Resources"]["Observability"]["Properties"]
    nested["TemplateURL"] = f"https://s3.amazonaws.com/{BUCKET}/" + nested["TemplateURL"].rsplit("/", 1)[1]
    return template


def client(service, endpoint):
    patient = Config(read_timeout=600, retries={"total_max_attempts": 1})  # a busy machine needs minutes for a stack
    return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", config=patient)


def made(stack, endpoint):
    """Returns the stack's resources by service."""

    def ask(service):
        return client(service, endpoint)

    ids = {r["LogicalResourceId"]: r["PhysicalResourceId"]
           for page in ask("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
           for r in page["StackResourceSummaries"] if r.get("LogicalResourceId")}
    functions = ask("lambda").get_paginator("list_functions").paginate()
    queues = [ids[name] for name in ids if name.endswith("Failures")]
    roles = {name: ids[name] for name in ids if name.endswith("Role")}
    return {
        "ids": ids,
        "table": ask("dynamodb").describe_table(TableName=ids["Table"])["Table"],
        "functions": {f["FunctionName"]: f for page in functions for f in page["Functions"]},
        "mappings": ask("lambda").list_event_source_mappings()["EventSourceMappings"],
        "queues": {q: ask("sqs").get_queue_attributes(QueueUrl=q, AttributeNames=["All"])["Attributes"] for q in queues},
        "roles": {name: role(ask("iam"), roles[name]) for name in roles},
    }


def role(iam, name):
    policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
    documents = [iam.get_role_policy(RoleName=name, PolicyName=p)["PolicyDocument"] for p in policies]
    about = iam.get_role(RoleName=name)["Role"]
    return {
        "arn": about["Arn"],
        "trust": about["AssumeRolePolicyDocument"],
        "policies": [ast.literal_eval(d) if isinstance(d, str) else d for d in documents],  # moto stores them in the form of Python
    }


def passwords(template, endpoint):
    """Returns a generated value for each secret with GenerateSecretString."""
    secrets = {k: v["Properties"] for k, v in template["Resources"].items() if v["Type"] == "AWS::SecretsManager::Secret"}
    generate = client("secretsmanager", endpoint).get_random_password
    return {name: generate(**p["GenerateSecretString"])["RandomPassword"]
            for name, p in secrets.items() if "GenerateSecretString" in p}


def main(folder, stack, *parameters):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    given = dict(p.split("=", 1) for p in parameters)
    os.environ["AWS_ENDPOINT_URL"] = endpoint  # for sam
    template = transform(package(folder, endpoint), given, NoPolicies())
    client("cloudformation", endpoint).create_stack(
        StackName=stack, TemplateBody=json.dumps(creatable(template)), Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in {"GatewayTimeout": "29", **given}.items()],
    )
    description = client("cloudformation", endpoint).describe_stacks(StackName=stack)["Stacks"][0]
    result = {
        "status": description["StackStatus"],
        "template": template,
        "passwords": passwords(template, endpoint),
        **made(stack, endpoint),
    }
    json.dump(result, sys.stdout, default=str)
    server.stop()


main(*sys.argv[1:])
