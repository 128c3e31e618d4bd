package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
	"github.com/golang-jwt/jwt/v5"

	"postern/shared/apitest"
)

// floor is the minimal work of a function: decode the event, run the adapter, verify the token, make one call to the table, answer.
type floor struct {
	adapter *httpadapter.HandlerAdapter
	client  *dynamodb.Client
	batch   *dynamodb.BatchGetItemInput
	get     *dynamodb.GetItemInput
}

func newFloor(client *dynamodb.Client, r *recorder) *floor {
	f := &floor{client: client, batch: r.batch, get: r.get}
	f.adapter = httpadapter.New(f)
	return f
}

func (f *floor) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var request events.APIGatewayProxyRequest
	if err := json.Unmarshal(payload, &request); err != nil {
		return nil, fmt.Errorf("decode event: %w", err)
	}
	answer, err := f.adapter.ProxyWithContext(ctx, request)
	if err != nil {
		return nil, fmt.Errorf("adapter: %w", err)
	}
	return json.Marshal(answer) //nolint:wrapcheck // the floor has nothing to add
}

// ServeHTTP verifies the token and reads the items.
func (f *floor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, err := jwt.Parse(r.Header.Get("Gitlab-Shell-Api-Request"), func(*jwt.Token) (any, error) {
		return []byte(apitest.Secret), nil
	}, jwt.WithValidMethods([]string{"HS256"}), jwt.WithIssuer("gitlab-shell"), jwt.WithLeeway(time.Minute))
	if err == nil {
		err = f.read(r.Context())
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write([]byte(`{"status":true}`)) // the adapter's writer takes everything
}

func (f *floor) read(ctx context.Context) error {
	if f.batch != nil {
		_, err := f.client.BatchGetItem(ctx, f.batch)
		return err //nolint:wrapcheck // the floor has nothing to add
	}
	if f.get == nil { // a route without reads
		return nil
	}
	_, err := f.client.GetItem(ctx, f.get)
	return err //nolint:wrapcheck // the floor has nothing to add
}
