// Package postern holds the tests of the whole tree: imports, documents, the map of packages, and the authentication of every route.
package postern_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

const (
	module  = "postern/"
	dynamo  = "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	proxy   = "github.com/awslabs/aws-lambda-go-api-proxy"
	openapi = "github.com/getkin/kin-openapi"
	grpc    = "google.golang.org/grpc"
	restAPI = "gitlab.com/gitlab-org/api/client-go"
)

// Gitaly's client and its protocol.
const (
	gitaly   = module + "shared/gitaly"
	gitalypb = gitaly + "/gitalypb"
)

// listed is a package of `go list`.
type listed struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,GoFiles,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var p listed
		if err := decoder.Decode(&p); err != nil {
			t.Fatalf("go list: %v", err)
		}
		p.ImportPath = strings.TrimPrefix(p.ImportPath, module)
		all = append(all, p)
	}
	return all
}

func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && first != strings.TrimSuffix(module, "/")
}

func TestImports(t *testing.T) {
	rules := []struct {
		name    string
		applies func(pkg string) bool
		forbids func(path string) bool
	}{
		{
			"shared imports neither families nor the local system",
			in("shared"), anyOf(prefix(module+"functions/"), prefix(module+"local/")),
		},
		{
			"a family does not import another family",
			in("functions"), prefix(module + "functions/"),
		},
		{
			"gitlab imports the standard library only",
			in("shared/gitlab"), func(path string) bool { return !isStandard(path) },
		},
		{
			"access imports the domain and the standard library only",
			in("shared/access"), func(path string) bool { return !isStandard(path) && path != module+"shared/gitlab" },
		},
		{
			"the SCIM protocol imports the standard library only",
			in("shared/scim"), func(path string) bool { return !isStandard(path) },
		},
		{
			"only the SCIM families provision",
			and(in("functions"), notIn("functions/groupscim", "functions/instancescim")),
			anyOf(prefix(module+"shared/scim"), prefix(module+"shared/provisioning")),
		},
		{
			"families do not import DynamoDB",
			in("functions"), prefix(dynamo),
		},
		{
			"only the table, its test kits and the local system import DynamoDB",
			notIn("shared/table", "shared/storetest", "shared/apitest", "local"), prefix(dynamo),
		},
		{
			"the table knows nothing of the domain",
			in("shared/table"), func(path string) bool {
				return strings.HasPrefix(path, module) && path != module+"shared/requestlog"
			},
		},
		{
			"only lambdahttp imports the API proxy",
			notIn("shared/lambdahttp", "local/cmd/bench"), prefix(proxy),
		},
		{
			"only the test kit of the OpenAPI document imports its validator",
			notIn("shared/contract"), prefix(openapi),
		},
		{
			"deployed code imports no test kit",
			notIn("shared/apitest", "shared/storetest", "shared/contract", "local"), anyOf(prefix(module+"shared/apitest"), prefix(module+"shared/contract")),
		},
		{
			"only the importer calls GitLab's public API",
			notIn("local/importer"), prefix(restAPI),
		},
		{
			"only the local program imports the importer",
			notIn("local/cmd/postern"), prefix(module + "local/importer"),
		},
		{
			"only Gitaly's client and the local Gitaly import gRPC",
			notIn("shared/gitaly", "local/gitaly"), anyOf(prefix(grpc), prefix(gitalypb)),
		},
		{
			"only the families of pushes call Gitaly",
			and(in("functions"), notIn("functions/gitaccess", "functions/postreceive")), prefix(gitaly),
		},
	}
	all := packages(t)
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			applied := 0
			for _, p := range all {
				if !rule.applies(p.ImportPath) {
					continue
				}
				applied++
				for _, path := range p.Imports {
					if rule.forbids(path) && !ownFamily(p.ImportPath, path) {
						t.Errorf("%s imports %s", p.ImportPath, path)
					}
				}
			}
			if applied == 0 {
				t.Error("the rule applies to no package")
			}
		})
	}
}

// The floors of the store, from the ground up. A part imports only parts of lower floors.
var floors = [][]string{
	{"layout"}, {"scimkeys"}, {"record"}, {"catalog", "lookup", "audit"}, {"limits", "credentials", "agents", "tenants", "pushes"}, {""},
}

func TestPartsOfTheStoreImportDownwards(t *testing.T) {
	const store = "shared/store"
	floor := map[string]int{}
	for n, parts := range floors {
		for _, part := range parts {
			floor[strings.TrimSuffix(store+"/"+part, "/")] = n
		}
	}
	for _, p := range packages(t) {
		above, known := floor[p.ImportPath]
		if !known && in(store)(p.ImportPath) {
			t.Errorf("%s is on no floor", p.ImportPath)
		}
		for _, path := range p.Imports {
			below, isPart := floor[strings.TrimPrefix(path, module)]
			if known && isPart && below >= above {
				t.Errorf("%s imports %s, which is not below it", p.ImportPath, path)
			}
		}
	}
}

// ownFamily permits a family's Lambda to import the family.
func ownFamily(pkg, path string) bool {
	return pkg == strings.TrimPrefix(path, module)+"/lambda"
}

func in(folder string) func(string) bool {
	return func(pkg string) bool { return pkg == folder || strings.HasPrefix(pkg, folder+"/") }
}

func notIn(folders ...string) func(string) bool {
	return func(pkg string) bool {
		for _, folder := range folders {
			if in(folder)(pkg) {
				return false
			}
		}
		return true
	}
}

func and(a, b func(string) bool) func(string) bool {
	return func(pkg string) bool { return a(pkg) && b(pkg) }
}

func prefix(p string) func(string) bool {
	return func(path string) bool { return strings.HasPrefix(path, p) }
}

func anyOf(tests ...func(string) bool) func(string) bool {
	return func(path string) bool {
		for _, test := range tests {
			if test(path) {
				return true
			}
		}
		return false
	}
}
