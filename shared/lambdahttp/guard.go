package lambdahttp

import (
	"errors"
	"fmt"
	"net/http"

	"postern/shared/httpapi"
)

// errNoAnswer says that a handler returned without an answer.
var errNoAnswer = errors.New("lambdahttp: handler answered nothing")

// guard makes sure that every request is answered, and once: left to itself the adapter fails on a handler that
// writes nothing, takes the last status for the first, and lets a panic end the process.
type guard struct{ next http.Handler }

// ServeHTTP lets the handler answer, and answers for it when it does not.
func (g guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	once := &onceWriter{ResponseWriter: w}
	defer func() {
		err := errNoAnswer
		if cause := recover(); cause != nil {
			err = fmt.Errorf("lambdahttp: handler panicked: %v", cause)
		}
		if !once.answered {
			httpapi.Refuse(g.next, w, r, err)
		}
	}()
	g.next.ServeHTTP(once, r)
}

// onceWriter sends the first status only.
type onceWriter struct {
	http.ResponseWriter
	answered bool
}

// WriteHeader sends the status unless one was sent before.
func (o *onceWriter) WriteHeader(status int) {
	if !o.answered {
		o.answered = true
		o.ResponseWriter.WriteHeader(status)
	}
}

// Write sends a part of the body.
func (o *onceWriter) Write(part []byte) (int, error) {
	o.answered = true
	return o.ResponseWriter.Write(part) //nolint:wrapcheck // this is a Writer
}
