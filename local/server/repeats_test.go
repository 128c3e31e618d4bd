package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/apitest"
	"postern/shared/gitlab"
)

// repeatable returns a function that sends the same request each time: the same bytes, token and request id.
func repeatable(t *testing.T, api *apitest.API, route, id string, body params) func() *apitest.Answer {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	token := apitest.Token(t)
	return func() *apitest.Answer {
		r := apitest.Request(t, http.MethodPost, api.URL+"/api/v4/internal/"+route, bytes.NewReader(raw))
		r.Header.Set("Gitlab-Shell-Api-Request", token)
		r.Header.Set("X-Request-Id", id)
		return api.Do(t, r)
	}
}

// codesOf returns the recovery codes of an answer. A rejection has no codes.
func codesOf(t *testing.T, a *apitest.Answer) []string {
	t.Helper()
	var body struct {
		RecoveryCodes []string `json:"recovery_codes"`
	}
	if err := json.Unmarshal([]byte(a.Body), &body); err != nil {
		t.Fatal(err)
	}
	return body.RecoveryCodes
}

// validCode reports whether a recovery code of user 13 is stored.
func validCode(t *testing.T, api *apitest.API, code string) bool {
	t.Helper()
	for _, item := range api.Table.Partition(t, "user#13") {
		if codes, ok := item["codes"].(*types.AttributeValueMemberSS); ok {
			return slices.Contains(codes.Value, gitlab.TokenDigest(code))
		}
	}
	return false
}

// gitlab-shell repeats a request after a lost answer. The repeat gets the same answer, another request does not.
func TestRepeatGetsTheSameAnswer(t *testing.T) {
	code := apitest.OneTimePassword(t, dansSecret, time.Now())
	rows := []struct {
		route string
		body  params
	}{
		{"two_factor_recovery_codes", params{"key_id": "102"}},
		{"personal_access_token", params{"key_id": "102", "name": "n", "scopes": []string{"api"}}},
		{"two_factor_manual_otp_check", params{"key_id": "102", "otp_attempt": code}},
	}
	for _, row := range rows {
		t.Run(row.route, func(t *testing.T) {
			api := serve(t, twoFactor, licensed)
			send := repeatable(t, api, row.route, "one", row.body)
			lost := send()
			if !strings.Contains(lost.Body, `"success":true`) {
				t.Fatalf("first: %s", lost.Body)
			}
			if again := send(); again.Body != lost.Body {
				t.Errorf("the repeat: %s, want the first answer: %s", again.Body, lost.Body)
			}
			if other := repeatable(t, api, row.route, "two", row.body)(); other.Body == lost.Body {
				t.Errorf("another request gets the same answer: %s", other.Body)
			}
		})
	}
}

func TestTokenIsStoredOnceAsADigest(t *testing.T) {
	api := serve(t)
	send := repeatable(t, api, "personal_access_token", "one", params{"key_id": 102, "name": "n", "scopes": []string{"api"}})
	answers := make([]*apitest.Answer, 4)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = send() })
	}
	wg.Wait()
	for _, a := range answers {
		if a.Body != answers[0].Body || a.Object()["success"] != true {
			t.Errorf("%s and %s of one request", a.Body, answers[0].Body)
		}
	}
	token, _ := answers[0].Object()["token"].(string)
	found, err := api.Store.LoadPersonalToken(t.Context(), gitlab.TokenDigest(token))
	if err != nil || found.User == nil || found.User.ID != 13 {
		t.Errorf("the token's user: %+v %v", found, err)
	}
}

// After any sequence of repeated requests the latest codes work, and the codes of earlier requests do not.
func TestLatestRecoveryCodesWork(t *testing.T) {
	api := serve(t, twoFactor)
	first := repeatable(t, api, "two_factor_recovery_codes", "first", params{"key_id": 102})
	second := repeatable(t, api, "two_factor_recovery_codes", "second", params{"key_id": 102})
	old, fresh := codesOf(t, first()), codesOf(t, second())
	if got := first(); got.Message() != "Newer recovery codes have been made for this user" {
		t.Errorf("the repeat of a request whose codes are void: %s", got.Body)
	}
	valid := func(code string) bool { return validCode(t, api, code) }
	if len(old) != 10 || len(fresh) != 10 || slices.ContainsFunc(old, valid) || !valid(fresh[0]) {
		t.Error("want the newer codes to work and the old ones to fail")
	}
}

// Each of several concurrent requests gets valid codes or a rejection. The codes of the last request work.
func TestConcurrentRecoveryCodes(t *testing.T) {
	api := serve(t, twoFactor)
	made := make([][]string, 6)
	var wg sync.WaitGroup
	for i := range made {
		send := repeatable(t, api, "two_factor_recovery_codes", string(rune('a'+i)), params{"key_id": 102})
		wg.Go(func() { made[i] = codesOf(t, send()) })
	}
	wg.Wait()
	working := 0
	for _, codes := range made {
		if len(codes) == 0 {
			continue
		}
		if validCode(t, api, codes[0]) {
			working++
		}
	}
	if working != 1 {
		t.Errorf("%d sets of codes work, want 1: %v", working, made)
	}
}
