package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"postern/shared/requestlog"
)

// longestBody is how many bytes a request's body may have.
const longestBody = 5 << 20

// A request's body cannot be read as what it says it is.
var (
	errNotJSON   = &Error{code: codeInvalidParams, text: "request body is not valid JSON"}
	errNotObject = &Error{code: codeInvalidParams, text: "request body must be a JSON object"}
	errNotForm   = &Error{code: codeInvalidParams, text: "request body is not a valid form"}
	errNotQuery  = &Error{code: codeInvalidParams, text: "query is not valid"}
)

// params reads everything that the request says. A parameter counts as a whole: a list in the body takes the place
// of the query's list of the same name and does not continue it. Errors are *Error; what could be read comes with them.
func (s *service) params(ctx context.Context, w http.ResponseWriter, r *http.Request, m match) (*Params, error) {
	values, err := s.values(w, r)
	if values == nil && len(m.values) > 0 {
		values = map[string]any{}
	}
	for _, v := range m.values {
		values[v[0]] = v[1]
	}
	origin := requestlog.From(ctx).RequestID() + " " + m.path()
	return &Params{values: values, header: r.Header, origin: origin, caller: callerID(r)}, err
}

// values reads the query and the body.
func (s *service) values(w http.ResponseWriter, r *http.Request) (map[string]any, error) {
	values, err := query(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	body, err := s.body(w, r)
	if len(values) == 0 {
		return body, err
	}
	maps.Copy(values, body)
	return values, err
}

// query decodes what stands behind the question mark, which may be there with any verb and beside a body.
func query(raw string) (map[string]any, error) {
	if raw == "" {
		return nil, nil //nolint:nilnil // no parameters
	}
	values, err := parseForm(raw)
	if err != nil {
		return nil, formError(err, errNotQuery)
	}
	return values, nil
}

// body reads and decodes a request's body; without one there are no values, whatever the content type says:
// gitlab-shell sends one with every GET. A body that says that it is too long is not read at all.
func (s *service) body(w http.ResponseWriter, r *http.Request) (map[string]any, error) {
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 {
		return nil, nil //nolint:nilnil // no parameters
	}
	if r.ContentLength > longestBody {
		return nil, &Error{code: codeTooLarge}
	}
	buffer := s.buffer()
	defer s.buffers.Put(buffer)
	if _, err := buffer.ReadFrom(http.MaxBytesReader(w, r.Body, longestBody)); err != nil {
		return nil, unreadable(err)
	}
	body := bytes.TrimSpace(buffer.Bytes())
	if len(body) == 0 {
		return nil, nil //nolint:nilnil // no parameters
	}
	return decode(r.Header.Get("Content-Type"), body)
}

// unreadable tells a body that is too long from a connection that broke.
func unreadable(err error) *Error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return &Error{code: codeTooLarge, cause: err}
	}
	return &Error{code: codeBadRequest, cause: err}
}

// decode reads a body as its content type says. Without one, what looks like an object is JSON, all else a form.
func decode(contentType string, body []byte) (map[string]any, error) {
	media, _, _ := strings.Cut(contentType, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	switch {
	case media == "application/json", strings.HasSuffix(media, "+json"), media == "" && body[0] == '{':
		return decodeJSON(body)
	case media == "application/x-www-form-urlencoded", media == "":
		values, err := parseForm(string(body))
		return values, formError(err, errNotForm)
	case media == "multipart/form-data":
		values, err := decodeMultipart(contentType, body)
		return values, formError(err, errNotForm)
	}
	return nil, &Error{code: codeUnsupportedMedia}
}

// decodeJSON reads one JSON object and nothing behind it. Numbers stay as they were written, because ids may be larger
// than a float64 can tell apart. The decoder bounds the depth itself.
func decodeJSON(body []byte) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var values map[string]any
	if err := decoder.Decode(&values); err != nil {
		var other *json.UnmarshalTypeError
		if errors.As(err, &other) {
			return nil, errNotObject
		}
		return nil, errNotJSON
	}
	switch rest := bytes.TrimSpace(body[decoder.InputOffset():]); {
	case len(rest) > 0:
		return nil, errNotJSON
	case values == nil:
		return nil, errNotObject
	}
	return values, nil
}

// decodeMultipart reads the fields of a multipart form. It has been read as a whole, so its size is bounded already.
func decodeMultipart(contentType string, body []byte) (map[string]any, error) {
	_, options, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, err
	}
	form := newForm()
	for parts := multipart.NewReader(bytes.NewReader(body), options["boundary"]); ; {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return form.values, nil
		}
		if err != nil {
			return nil, err
		}
		value, err := partValue(part)
		if err != nil {
			return nil, err
		}
		if err := form.add(part.FormName(), value); err != nil {
			return nil, err
		}
	}
}

// partValue returns the text of a field; files are marked and not read.
func partValue(part *multipart.Part) (any, error) {
	if part.FileName() != "" {
		return upload{}, nil
	}
	text, err := io.ReadAll(part)
	return string(text), err
}

// formError is the answer to a mistake in a form: the one that names a parameter if there is one, else otherwise.
func formError(err error, otherwise *Error) error {
	var named *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &named):
		return named
	}
	return otherwise
}
