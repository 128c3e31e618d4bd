package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"postern/shared/apitest"
)

// explanation is an administrator's answer about a request.
type explanation struct {
	Decision string
	Answer   struct {
		Status  int
		Message string
	}
	Change string `json:"would_have_to_change"`
	Checks []struct{ Name, Outcome string }
}

// explain sends the explanation request before the request itself, which would show its effects.
func explain(t *testing.T, api *apitest.API, body any) explanation {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r := apitest.Request(t, http.MethodPost, api.URL+allowed+"/explain", bytes.NewReader(raw))
	r.Header.Set("Private-Token", apitest.AdminToken)
	answer := api.Do(t, r)
	var w explanation
	if err := json.Unmarshal([]byte(answer.Body), &w); err != nil || answer.Status == http.StatusOK && len(w.Checks) == 0 {
		t.Errorf("explained with %d %s (%v)", answer.Status, answer.Body, err)
	}
	if answer.Status != http.StatusOK {
		w.Answer.Status, w.Answer.Message = answer.Status, answer.Message()
	}
	return w
}

// matches compares an explanation with the actual answer. The times in a timeout's message differ.
func (w *explanation) matches(t *testing.T, answer *apitest.Answer) {
	t.Helper()
	if w.Answer.Status != answer.Status {
		t.Errorf("explained as %d, answered %d %s", w.Answer.Status, answer.Status, answer.Body)
	}
	if message := answer.Message(); message != "" && answer.Status < http.StatusInternalServerError && message != w.Answer.Message {
		t.Errorf("explained as %q, answered %q", w.Answer.Message, message)
	}
	if refused := w.Decision == "denied"; refused != (w.Change != "" && w.Decision != "error") {
		t.Errorf("decision %s, would_have_to_change %q", w.Decision, w.Change)
	}
}
