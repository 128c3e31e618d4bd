package infra_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// guard is a client of the table that enforces a role of the template as IAM does: by action and leading key.
type guard struct {
	*dynamodb.Client
	t       testing.TB
	role    string
	granted []statement
	mu      sync.Mutex      // a document removes records concurrently
	used    map[string]bool // used grants: "sid action" and "sid key pattern"
}

func newGuard(t testing.TB, client *dynamodb.Client, tpl template, function string) *guard {
	t.Helper()
	role := tpl.roleOf(function)
	return &guard{Client: client, t: t, role: role, granted: tpl.statements(role), used: map[string]bool{}}
}

// check fails the test unless a statement of the role grants the action on each key.
func (g *guard) check(action string, keys ...string) {
	g.t.Helper()
	for _, key := range keys {
		if !g.grants("dynamodb:"+action, key) {
			g.t.Errorf("%s grants no %s on %s", g.role, action, key)
		}
	}
}

func (g *guard) grants(action, key string) bool {
	for _, s := range g.granted {
		pattern, fits := matching(s.keys, key)
		if fits && slices.Contains(s.actions, action) && slices.Contains(s.resources, "Table.Arn") {
			g.mu.Lock()
			g.used[s.sid+" "+action], g.used[s.sid+" "+pattern] = true, true
			g.mu.Unlock()
			return true
		}
	}
	return false
}

// matching returns the pattern of StringLike that matches. The only wildcard is a star at the end. Without patterns every key
// matches.
func matching(patterns []string, key string) (string, bool) {
	for _, pattern := range patterns {
		prefix, open := strings.CutSuffix(pattern, "*")
		if key == pattern || open && strings.HasPrefix(key, prefix) {
			return pattern, true
		}
	}
	return "", len(patterns) == 0
}

// unused returns the grants on the table that no request used.
func (g *guard) unused() []string {
	var idle []string
	for _, s := range g.granted {
		if !strings.HasPrefix(s.actions[0], "dynamodb:") || !slices.Contains(s.resources, "Table.Arn") {
			continue
		}
		for _, granted := range slices.Concat(s.actions, s.keys) {
			if !g.used[s.sid+" "+granted] {
				idle = append(idle, s.sid+" "+granted)
			}
		}
	}
	return idle
}

func partition(item map[string]types.AttributeValue, name string) string {
	if v, ok := item[name].(*types.AttributeValueMemberS); ok {
		return v.Value
	}
	return fmt.Sprintf("(no %s)", name)
}

func (g *guard) GetItem(
	ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	g.check("GetItem", partition(in.Key, "pk"))
	return g.Client.GetItem(ctx, in, o...)
}

func (g *guard) BatchGetItem(
	ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.BatchGetItemOutput, error) {
	for _, asked := range in.RequestItems {
		for _, key := range asked.Keys {
			g.check("BatchGetItem", partition(key, "pk"))
		}
	}
	return g.Client.BatchGetItem(ctx, in, o...)
}

func (g *guard) Query(
	ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options),
) (*dynamodb.QueryOutput, error) {
	g.check("Query", partition(in.ExpressionAttributeValues, ":pk"))
	return g.Client.Query(ctx, in, o...)
}

func (g *guard) PutItem(
	ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.PutItemOutput, error) {
	g.check("PutItem", partition(in.Item, "pk"))
	return g.Client.PutItem(ctx, in, o...)
}

func (g *guard) UpdateItem(
	ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.UpdateItemOutput, error) {
	g.check("UpdateItem", partition(in.Key, "pk"))
	return g.Client.UpdateItem(ctx, in, o...)
}

func (g *guard) DeleteItem(
	ctx context.Context, in *dynamodb.DeleteItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.DeleteItemOutput, error) {
	g.check("DeleteItem", partition(in.Key, "pk"))
	return g.Client.DeleteItem(ctx, in, o...)
}

func (g *guard) TransactWriteItems(
	ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options),
) (*dynamodb.TransactWriteItemsOutput, error) {
	for _, item := range in.TransactItems {
		switch {
		case item.Put != nil:
			g.check("PutItem", partition(item.Put.Item, "pk"))
		case item.Update != nil:
			g.check("UpdateItem", partition(item.Update.Key, "pk"))
		case item.Delete != nil:
			g.check("DeleteItem", partition(item.Delete.Key, "pk"))
		case item.ConditionCheck != nil:
			g.check("ConditionCheckItem", partition(item.ConditionCheck.Key, "pk"))
		}
	}
	return g.Client.TransactWriteItems(ctx, in, o...)
}
