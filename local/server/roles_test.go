package server

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.yaml.in/yaml/v3"

	"postern/shared/apitest"
	"postern/shared/httpapi"
	"postern/shared/store"
	"postern/shared/storetest/definition"
)

// Each function's role must permit the requests of this package's tests. The tests of infra find unused grants.

type texts []string

// UnmarshalYAML accepts a string or a list.
func (l *texts) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*l = texts{n.Value}
		return nil
	}
	var all []yaml.Node
	err := n.Decode(&all)
	for i := range all {
		*l = append(*l, all[i].Value)
	}
	return err
}

// resource is a function or a role of the template, with the fields that matter here.
type resource struct {
	Type       string `yaml:"Type"`
	Properties struct {
		Role   yaml.Node `yaml:"Role"`
		Events map[string]struct {
			Properties struct {
				Path string `yaml:"Path"`
			} `yaml:"Properties"`
		} `yaml:"Events"`
		Policies []struct {
			PolicyDocument struct {
				Statement []struct {
					Action    texts `yaml:"Action"`
					Condition struct {
						Values struct {
							Keys texts `yaml:"dynamodb:LeadingKeys"`
						} `yaml:"ForAllValues:StringLike"`
					} `yaml:"Condition"`
				} `yaml:"Statement"`
			} `yaml:"PolicyDocument"`
		} `yaml:"Policies"`
	} `yaml:"Properties"`
}

// grants are the actions of a role, each with its leading keys.
type grants struct {
	role  string
	allow map[string][]string
}

// variablePart matches a parameter in a route's path.
var variablePart = regexp.MustCompile(`/:([a-z_]+)`)

// rolesByPath returns the grants of the template's functions by the paths of their routes.
func rolesByPath(t *testing.T) map[string]grants {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", definition.Template))
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources map[string]yaml.Node `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(raw, &template); err != nil {
		t.Fatal(err)
	}
	decoded := func(id string) (r resource) {
		node := template.Resources[id]
		_ = node.Decode(&r) // other kinds of resources have other properties
		return r
	}
	found := map[string]grants{}
	for id := range template.Resources {
		function := decoded(id)
		if function.Type != "AWS::Serverless::Function" {
			continue
		}
		role, _, _ := strings.Cut(function.Properties.Role.Value, ".")
		allowed := granted(role, decoded(role))
		for _, event := range function.Properties.Events {
			found[event.Properties.Path] = allowed
		}
	}
	return found
}

func granted(id string, role resource) grants {
	g := grants{role: id, allow: map[string][]string{}}
	for _, policy := range role.Properties.Policies {
		for _, s := range policy.PolicyDocument.Statement {
			for _, action := range s.Action {
				name := strings.TrimPrefix(action, "dynamodb:")
				g.allow[name] = append(g.allow[name], s.Condition.Values.Keys...)
			}
		}
	}
	return g
}

// allows reports whether a role permits an action on a key. A star at the end of a pattern matches any suffix.
func (g *grants) allows(action, key string) bool {
	return slices.ContainsFunc(g.allow[action], func(pattern string) bool {
		prefix, open := strings.CutSuffix(pattern, "*")
		return key == pattern || open && strings.HasPrefix(key, prefix)
	})
}

// acting is the context's key for the grants of the function that answers.
type acting struct{}

// withRoles mounts the system with a client that fails the test for an action outside a function's role.
func withRoles(t *testing.T) func(apitest.Deps) http.Handler {
	roles := rolesByPath(t)
	return func(d apitest.Deps) http.Handler {
		limited := store.New(&confined{d.Table.Client, t}, d.Table.Name, time.Now)
		d.Store = limited
		whole, ok := system(d).(*gateway)
		if !ok {
			t.Fatal("the system is not a gateway")
		}
		for i := range whole.families {
			family := &whole.families[i]
			family.handler = as(t, roles, family.routes, family.handler)
		}
		return whole
	}
}

// as runs a family with its function's role.
func as(t *testing.T, roles map[string]grants, routes []httpapi.Route, next http.Handler) http.Handler {
	path := "/api/v4" + variablePart.ReplaceAllString(routes[0].Path, "/{$1}")
	if strings.HasPrefix(routes[0].Path, "/api/") {
		path = strings.TrimPrefix(path, "/api/v4")
	}
	role, known := roles[strings.TrimSuffix(path, "/")]
	if !known {
		t.Errorf("no function of the template has the route %s", path)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), acting{}, &role)))
	})
}

// confined is a client of the table that checks the role in each context.
type confined struct {
	*dynamodb.Client
	t *testing.T
}

// check fails the test for an action outside the role. A test's own calls have no role.
func (c *confined) check(ctx context.Context, action string, item map[string]types.AttributeValue, name string) {
	role, ok := ctx.Value(acting{}).(*grants)
	key, isText := item[name].(*types.AttributeValueMemberS)
	if ok && (!isText || !role.allows(action, key.Value)) {
		c.t.Errorf("%s does not allow %s on %v", role.role, action, item[name])
	}
}

func (c *confined) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	c.check(ctx, "GetItem", in.Key, "pk")
	return c.Client.GetItem(ctx, in, o...)
}

func (c *confined) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	for _, asked := range in.RequestItems {
		for _, key := range asked.Keys {
			c.check(ctx, "BatchGetItem", key, "pk")
		}
	}
	return c.Client.BatchGetItem(ctx, in, o...)
}

func (c *confined) Query(ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	c.check(ctx, "Query", in.ExpressionAttributeValues, ":pk")
	return c.Client.Query(ctx, in, o...)
}

func (c *confined) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	c.check(ctx, "PutItem", in.Item, "pk")
	return c.Client.PutItem(ctx, in, o...)
}

func (c *confined) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	c.check(ctx, "UpdateItem", in.Key, "pk")
	return c.Client.UpdateItem(ctx, in, o...)
}

func (c *confined) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, o ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	c.check(ctx, "DeleteItem", in.Key, "pk")
	return c.Client.DeleteItem(ctx, in, o...)
}

func (c *confined) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	for _, item := range in.TransactItems {
		switch {
		case item.Put != nil:
			c.check(ctx, "PutItem", item.Put.Item, "pk")
		case item.Update != nil:
			c.check(ctx, "UpdateItem", item.Update.Key, "pk")
		case item.Delete != nil:
			c.check(ctx, "DeleteItem", item.Delete.Key, "pk")
		case item.ConditionCheck != nil:
			c.check(ctx, "ConditionCheckItem", item.ConditionCheck.Key, "pk")
		}
	}
	return c.Client.TransactWriteItems(ctx, in, o...)
}

// The check itself finds a missing action and a missing key.
func TestGrantsRejectOtherActionsAndKeys(t *testing.T) {
	g := grants{allow: map[string][]string{"GetItem": {"key#*", "ghost"}}}
	rows := []struct {
		action, key string
		want        bool
	}{
		{"GetItem", "key#1", true}, {"GetItem", "ghost", true}, {"GetItem", "ghosts", false}, {"GetItem", "user#1", false}, {"PutItem", "key#1", false},
	}
	for _, row := range rows {
		if got := g.allows(row.action, row.key); got != row.want {
			t.Errorf("%s on %s: %v", row.action, row.key, got)
		}
	}
	roles := rolesByPath(t)
	lookup := roles["/api/v4/internal/discover"]
	if !lookup.allows("BatchGetItem", "user#13") || lookup.allows("PutItem", "user#13") {
		t.Errorf("discover has the grants %v", lookup.allow)
	}
}
