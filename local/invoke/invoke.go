// Package invoke serves Lambda's Invoke API for functions in this process, so a caller of a deployed function can call the local one.
// It checks no signature, so it is for one machine only.
//
// API: POST /2015-03-31/functions/{name}/invocations, RequestResponse and DryRun.
package invoke

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
)

// MaxPayload is the largest payload of a synchronous invocation: 6 MB, as Lambda has it.
const MaxPayload = 6 << 20

// prefix and suffix enclose the function's name in a path.
const (
	prefix = "/2015-03-31/functions/"
	suffix = "/invocations"
)

// Function is a function of the API. A lambda.Handler is one.
type Function interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// API serves invocations of its functions by name.
type API map[string]Function

// Handles reports whether a path is one of the Invoke API.
func Handles(path string) bool { return strings.HasPrefix(path, prefix) }

// Path returns the path of the named function's invocations.
func Path(name string) string { return prefix + name + suffix }

// ServeHTTP answers like Lambda. It answers 200 with the function's answer. A failed function is 200 with the header
// X-Amz-Function-Error and {"errorMessage","errorType"}. An error of the API is {"Type","Message"} with the header X-Amzn-ErrorType.
// It rejects requests of web pages, because any page may post to an address of this machine.
func (a API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	function, known := a[strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, prefix), suffix)]
	switch {
	case r.Header.Get("Origin") != "":
		refuse(w, http.StatusForbidden, "AccessDeniedException", "web pages may not invoke functions")
	case !known || !strings.HasSuffix(r.URL.Path, suffix):
		refuse(w, http.StatusNotFound, "ResourceNotFoundException", "Function not found: "+r.URL.Path)
	case r.Method != http.MethodPost:
		refuse(w, http.StatusMethodNotAllowed, "InvalidRequestContentException", "invoke with POST")
	default:
		a.serve(w, r, function)
	}
}

func (a API) serve(w http.ResponseWriter, r *http.Request, function Function) {
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxPayload))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		text := fmt.Sprintf("Request must be smaller than %d bytes for the InvokeFunction operation", MaxPayload)
		refuse(w, http.StatusRequestEntityTooLarge, "RequestTooLargeException", text)
		return
	case err != nil:
		return // the connection is closed
	case len(payload) > 0 && !json.Valid(payload):
		refuse(w, http.StatusBadRequest, "InvalidRequestContentException", "Could not parse request body into json")
		return
	}
	switch kind := r.Header.Get("X-Amz-Invocation-Type"); kind {
	case "", "RequestResponse":
		call(w, r, function, payload)
	case "DryRun":
		w.WriteHeader(http.StatusNoContent)
	default:
		refuse(w, http.StatusBadRequest, "InvalidParameterValueException", "unsupported invocation type "+kind)
	}
}

// call invokes the function. The invocation ends with the request, because its answer has no other receiver.
func call(w http.ResponseWriter, r *http.Request, function Function, payload []byte) {
	answer, err := function.Invoke(r.Context(), payload)
	w.Header().Set("X-Amz-Executed-Version", "$LATEST")
	if err != nil {
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		send(w, http.StatusOK, map[string]string{"errorMessage": err.Error(), "errorType": typeName(err)})
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer) // the connection may be closed
}

// typeName returns the name of an error's type as aws-lambda-go reports it.
func typeName(err error) string {
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("X-Amzn-Errortype", kind)
	send(w, status, map[string]string{"Type": "User", "Message": message})
}

func send(w http.ResponseWriter, status int, body map[string]string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // strings always encode, and the connection may be closed
}
