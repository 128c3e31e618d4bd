package importer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	api "gitlab.com/gitlab-org/api/client-go"
)

// source is the client of the GitLab.
type source struct {
	client  *api.Client
	pace    *pace
	reportf func(format string, args ...any)
}

// answerTimeout is the longest time for an answer.
const answerTimeout = 2 * time.Minute

// errElsewhere protects the token: Go's client removes known credentials at a redirect, but not PRIVATE-TOKEN.
var errElsewhere = errors.New("redirects to another server, which must not see the token")

// errAddress describes a GitLab's address.
var errAddress = errors.New("must be an address such as https://gitlab.example.com")

func (i Import) source() (*source, error) {
	if u, err := url.Parse(i.URL); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		return nil, fmt.Errorf("GITLAB: %w", errAddress)
	}
	p := &pace{now: i.Now, sleep: i.Sleep, reportf: i.Progress}
	client, err := api.NewClient(i.Token,
		api.WithBaseURL(i.URL),
		api.WithHTTPClient(&http.Client{Timeout: answerTimeout, CheckRedirect: sameServer}),
		api.WithCustomLimiter(p),
		// The client does not retry an incomplete body, so this package makes all retries.
		api.WithoutRetries(),
		api.WithUserAgent("postern-import"),
	)
	if err != nil {
		return nil, fmt.Errorf("GITLAB: %w", err)
	}
	return &source{client: client, pace: p, reportf: i.Progress}, nil
}

func sameServer(next *http.Request, via []*http.Request) error {
	if len(via) > 3 || next.URL.Host != via[0].URL.Host || next.URL.Scheme != via[0].URL.Scheme {
		return errElsewhere
	}
	return nil
}

// url returns the API's address, which identifies the GitLab.
func (s *source) url() string { return s.client.BaseURL().String() }

// greet checks that the token sees everything.
func (s *source) greet(ctx context.Context) error {
	var user api.User
	response, err := s.once(ctx, "user", nil, "", &user)
	switch {
	case response == nil:
		// No answer is most likely a wrong address, so it is not retried.
		return fmt.Errorf("get user: %w", err)
	case err != nil:
		if _, err := s.get(ctx, "user", nil, "", &user); err != nil {
			return err
		}
	}
	if !user.IsAdmin {
		return errNotAdministrator
	}
	return nil
}

// get reads a resource or page with retries, and returns the link to the next page or "". It returns a permanent error immediately.
// errors.Is(err, api.ErrNotFound) identifies 404.
func (s *source) get(ctx context.Context, path string, options any, next string, into any) (string, error) {
	for failures := 0; ; failures++ {
		response, err := s.once(ctx, path, options, next, into)
		if err == nil {
			return following(response), nil
		}
		if ctx.Err() != nil || failures+1 == attempts || !passing(response, err) {
			return "", fmt.Errorf("get %s: %w", path, err)
		}
		s.reportf("retrying %s: %v", path, err)
		// Wait uses a time from GitLab.
		if response == nil || pause(response.StatusCode, response.Header, s.pace.now()) <= 0 {
			if err := s.pace.sleep(ctx, backoff(failures)); err != nil {
				return "", err
			}
		}
	}
}

// once makes one attempt.
func (s *source) once(ctx context.Context, path string, options any, next string, into any) (*api.Response, error) {
	request, err := s.client.NewRequest(http.MethodGet, path, options, []api.RequestOptionFunc{api.WithContext(ctx), page(next)})
	if err != nil {
		return nil, err
	}
	// Decoded in two steps, so an incomplete answer does not change the result.
	var body json.RawMessage
	response, err := s.client.Do(request, &body)
	if response != nil {
		s.pace.heed(response.StatusCode, response.Header)
	}
	if err != nil {
		return response, err
	}
	return response, json.Unmarshal(body, into)
}

// page requests the page of a link. Only the link's parameters are used, so it cannot lead to another server.
func page(next string) api.RequestOptionFunc {
	if next == "" {
		return nil
	}
	return api.WithKeysetPaginationParameters(next)
}

// following returns the link to the next page of keyset pages, or the next page's number.
func following(response *api.Response) string {
	switch {
	case response.NextLink != "":
		return response.NextLink
	case response.NextPage != 0:
		return fmt.Sprintf("?page=%d", response.NextPage)
	}
	return ""
}

// passing reports whether a retry may help: after limits, errors of the server and of the network, and incomplete answers.
func passing(response *api.Response, err error) bool {
	if response != nil && response.StatusCode != http.StatusOK {
		return response.StatusCode == http.StatusTooManyRequests || response.StatusCode >= http.StatusInternalServerError
	}
	var network net.Error
	return !errors.Is(err, errElsewhere) && (errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF))
}

// every reads all pages of a short list.
func every[T any](ctx context.Context, s *source, path string) ([]T, error) {
	var all []T
	for next, first := "", true; first || next != ""; first = false {
		var some []T
		var err error
		if next, err = s.get(ctx, path, api.ListOptions{PerPage: perPage}, next, &some); err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// perPage is GitLab's longest page.
const perPage = 100
