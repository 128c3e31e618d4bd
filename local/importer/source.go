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

// source is the GitLab that is asked.
type source struct {
	client *api.Client
	pace   *pace
	say    func(format string, args ...any)
}

// answerTimeout is how long one answer may take.
const answerTimeout = 2 * time.Minute

// errElsewhere keeps the token from servers that it is not for: Go drops known credentials at a redirect, and not PRIVATE-TOKEN.
var errElsewhere = errors.New("redirects to another server, which must not see the token")

// errAddress says what a GitLab's address looks like.
var errAddress = errors.New("must be an address such as https://gitlab.example.com")

func (i Import) source() (*source, error) {
	if u, err := url.Parse(i.URL); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		return nil, fmt.Errorf("GITLAB: %w", errAddress)
	}
	p := &pace{now: i.Now, sleep: i.Sleep, say: i.Progress}
	client, err := api.NewClient(i.Token,
		api.WithBaseURL(i.URL),
		api.WithHTTPClient(&http.Client{Timeout: answerTimeout, CheckRedirect: sameServer}),
		api.WithCustomLimiter(p),
		// They would not try a body again that was cut off, so all tries are made in one place.
		api.WithoutRetries(),
		api.WithUserAgent("postern-import"),
	)
	if err != nil {
		return nil, fmt.Errorf("GITLAB: %w", err)
	}
	return &source{client: client, pace: p, say: i.Progress}, nil
}

func sameServer(next *http.Request, via []*http.Request) error {
	if len(via) > 3 || next.URL.Host != via[0].URL.Host || next.URL.Scheme != via[0].URL.Scheme {
		return errElsewhere
	}
	return nil
}

// url returns the API's address, which tells one GitLab from another.
func (s *source) url() string { return s.client.BaseURL().String() }

// greet finds out whether the token sees everything.
func (s *source) greet(ctx context.Context) error {
	var user api.User
	response, err := s.once(ctx, "user", nil, "", &user)
	switch {
	case response == nil:
		// No answer at all is most likely a wrong address, for which nobody should wait.
		return fmt.Errorf("ask for user: %w", err)
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

// get asks for one resource or page, as often as it takes, and returns the link to the next page, "" for none. An error
// that cannot be mended by asking again is returned at once; errors.Is(err, api.ErrNotFound) tells those that mean 404.
func (s *source) get(ctx context.Context, path string, options any, next string, into any) (string, error) {
	for failures := 0; ; failures++ {
		response, err := s.once(ctx, path, options, next, into)
		if err == nil {
			return following(response), nil
		}
		if ctx.Err() != nil || failures+1 == attempts || !passing(response, err) {
			return "", fmt.Errorf("ask for %s: %w", path, err)
		}
		s.say("%s is asked for again: %v", path, err)
		// Where GitLab said how long, the pace knows.
		if response == nil || pause(response.StatusCode, response.Header, s.pace.now()) <= 0 {
			if err := s.pace.sleep(ctx, backoff(failures)); err != nil {
				return "", err
			}
		}
	}
}

// once asks one time.
func (s *source) once(ctx context.Context, path string, options any, next string, into any) (*api.Response, error) {
	request, err := s.client.NewRequest(http.MethodGet, path, options, []api.RequestOptionFunc{api.WithContext(ctx), page(next)})
	if err != nil {
		return nil, err
	}
	// Decoded apart: half an answer must leave nothing behind where the next try puts its own.
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

// page asks for the page that a link leads to; only its parameters are taken, so it cannot lead to another server.
func page(next string) api.RequestOptionFunc {
	if next == "" {
		return nil
	}
	return api.WithKeysetPaginationParameters(next)
}

// following returns what leads to the next page: the link where there is one, as with keyset pages, or else the page's number.
func following(response *api.Response) string {
	switch {
	case response.NextLink != "":
		return response.NextLink
	case response.NextPage != 0:
		return fmt.Sprintf("?page=%d", response.NextPage)
	}
	return ""
}

// passing reports whether asking again may help: limits, troubles of the server and of the network, answers cut off.
func passing(response *api.Response, err error) bool {
	if response != nil && response.StatusCode != http.StatusOK {
		return response.StatusCode == http.StatusTooManyRequests || response.StatusCode >= http.StatusInternalServerError
	}
	var network net.Error
	return !errors.Is(err, errElsewhere) && (errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF))
}

// every asks for all pages of a short list.
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

// perPage is the longest page that GitLab gives.
const perPage = 100
