package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"postern/shared/apitest"
)

// why is what an administrator is told of a request.
type why struct {
	Decision string
	Answer   struct {
		Status  int
		Message string
	}
	Change string `json:"would_have_to_change"`
	Checks []struct{ Name, Outcome string }
}

// explain asks why, before the request itself is made: were there effects, the request would meet them.
func explain(t *testing.T, api *apitest.API, body any) why {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r := apitest.Request(t, http.MethodPost, api.URL+allowed+"/explain", bytes.NewReader(raw))
	r.Header.Set("Private-Token", apitest.AdminToken)
	answer := api.Do(t, r)
	var w why
	if err := json.Unmarshal([]byte(answer.Body), &w); err != nil || answer.Status == http.StatusOK && len(w.Checks) == 0 {
		t.Errorf("explained with %d %s (%v)", answer.Status, answer.Body, err)
	}
	if answer.Status != http.StatusOK {
		w.Answer.Status, w.Answer.Message = answer.Status, answer.Message()
	}
	return w
}

// fits holds an explanation against the answer that came. What ran out of time tells times, which differ.
func (w *why) fits(t *testing.T, answer *apitest.Answer) {
	t.Helper()
	if w.Answer.Status != answer.Status {
		t.Errorf("explained as %d, answered %d %s", w.Answer.Status, answer.Status, answer.Body)
	}
	if message := answer.Message(); message != "" && answer.Status < http.StatusInternalServerError && message != w.Answer.Message {
		t.Errorf("explained as %q, answered %q", w.Answer.Message, message)
	}
	if refused := w.Decision == "denied"; refused != (w.Change != "" && w.Decision != "error") {
		t.Errorf("%s, and would have to change: %q", w.Decision, w.Change)
	}
}
