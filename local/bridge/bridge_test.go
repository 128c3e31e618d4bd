package bridge_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"postern/local/bridge"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo answers with the request and its host.
func echo(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Host", r.Host)
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, r.Method+" "+r.RequestURI+" "+r.Header.Get("X-Amz-Target")+" "+string(body))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// post sends a request on a connection of its own.
func post(t *testing.T, address string) (*http.Response, string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "GetItem")
	r.Close = true
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	return answer, string(body), err
}

// network is the loopback network in place of the containers' one. Every machine has it.
const network = "lo"

func TestOpenForwardsUntilItsContextEnds(t *testing.T) {
	endpoint := echo(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	opened, err := bridge.Open(ctx, network, endpoint)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(opened, "http://127.0.0.1:") || opened == endpoint {
		t.Fatalf("%s leads to %s", opened, endpoint)
	}
	answer, body, err := post(t, opened+"/a%2Fb?c=d")
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != http.StatusTeapot || body != "POST /a%2Fb?c=d GetItem body" {
		t.Errorf("%d %q", answer.StatusCode, body)
	}
	if host := answer.Header.Get("X-Host"); "http://"+host != endpoint {
		t.Errorf("the request's host is %s, want %s", host, endpoint)
	}
	cancel()
	for { // the listener closes concurrently
		if _, _, err := post(t, opened); err != nil {
			break
		}
	}
}

func TestOpenUsesDockerDesktopWithoutANetwork(t *testing.T) {
	opened, err := bridge.Open(t.Context(), "no-such-network", "http://127.0.0.1:18000")
	if want := "http://host.docker.internal:18000"; err != nil || opened != want {
		t.Errorf("%s, %v; want %s", opened, err, want)
	}
}

func TestHostIsTheAddressInTheNetwork(t *testing.T) {
	for _, name := range []string{network, "no-such-network"} {
		if got := bridge.Host(name); got != "127.0.0.1" {
			t.Errorf("in %s the host is %s", name, got)
		}
	}
}

func TestOpenRejectsAMalformedEndpoint(t *testing.T) {
	if opened, err := bridge.Open(t.Context(), network, "http://127.0.0.1:port"); err == nil {
		t.Errorf("it opens %s", opened)
	}
}

func TestOnlyServesItsNetwork(t *testing.T) {
	served := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	handler := bridge.Only(netip.MustParsePrefix("172.17.0.0/16"), served)
	cases := []struct {
		name, caller string
		want         int
	}{
		{"a container", "172.17.0.2:4000", http.StatusOK},
		{"this machine", "172.17.0.1:4000", http.StatusOK},
		{"a container, by an IPv6 address", "[::ffff:172.17.0.2]:4000", http.StatusOK},
		{"another machine", "192.0.2.7:4000", http.StatusForbidden},
		{"a neighboring network", "172.18.0.2:4000", http.StatusForbidden},
		{"an empty address", "", http.StatusForbidden},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			r := (&http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/"}, RemoteAddr: c.caller}).WithContext(t.Context())
			if handler.ServeHTTP(w, r); w.Code != c.want {
				t.Errorf("%d, want %d", w.Code, c.want)
			}
		})
	}
}
