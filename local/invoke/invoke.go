// Package invoke serves Lambda's Invoke API for functions in this process, so that what calls a deployed function (a
// directory document as payload) calls the local one in the same way. It is for one machine: it checks no signature.
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

// Function is what an invocation calls; lambda.Handler has it.
type Function interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// API serves invocations of its functions, by name.
type API map[string]Function

// Handles reports whether a path is one of the Invoke API.
func Handles(path string) bool { return strings.HasPrefix(path, prefix) }

// Path is where the named function is invoked.
func Path(name string) string { return prefix + name + suffix }

// ServeHTTP answers like Lambda: 200 with the function's answer; 200 with the header X-Amz-Function-Error and
// {"errorMessage","errorType"} when the function failed; an error of the API as {"Type","Message"} with the header
// X-Amzn-ErrorType. A request of a web page is refused: any page may post to an address of this machine.
func (a API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	function, known := a[strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, prefix), suffix)]
	switch {
	case r.Header.Get("Origin") != "":
		refuse(w, http.StatusForbidden, "AccessDeniedException", "no web page may invoke functions")
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
		return // the caller is gone
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
		refuse(w, http.StatusBadRequest, "InvalidParameterValueException", "no invocation type "+kind+" here")
	}
}

// call invokes the function. It ends with the request: nobody else would hear of its answer.
func call(w http.ResponseWriter, r *http.Request, function Function, payload []byte) {
	answer, err := function.Invoke(r.Context(), payload)
	w.Header().Set("X-Amz-Executed-Version", "$LATEST")
	if err != nil {
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		send(w, http.StatusOK, map[string]string{"errorMessage": err.Error(), "errorType": typeName(err)})
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer) // a caller that is gone
}

// typeName is the name of an error's type, as aws-lambda-go reports it.
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
	_ = json.NewEncoder(w).Encode(body) // strings always encode; a caller may be gone
}
