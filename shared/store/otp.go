package store

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
	"postern/shared/requestlog"
)

const (
	// otpAttempts one-time passwords may be wrong one after the other; then the account is locked for otpLock (internal
	// API, two_factor_manual_otp_check).
	otpAttempts = 10
	otpLock     = 10 * time.Minute
	// otpSessionTTL is how long a right one opens the way for git.
	otpSessionTTL = 15 * time.Minute
)

// OTPState is what is kept of a user's one-time passwords.
type OTPState struct {
	Attempts  int64  `json:"attempts"`     // since the last right one
	Attempted int64  `json:"attempted_at"` // Unix time of the last one
	Step      int64  `json:"step"`         // of the last right one
	Request   string `json:"answered"`     // fingerprint of the last request that was right
}

// Locked reports whether there were too many attempts a moment ago.
func (o *OTPState) Locked(now time.Time) bool {
	return o.Attempts >= otpAttempts && now.Unix() < o.Attempted+int64(otpLock.Seconds())
}

// TakeOTPAttempt counts an attempt before it is judged, so that no number of attempts at once gets past the limit. It
// reports whether there was one left.
func (s *Store) TakeOTPAttempt(ctx context.Context, user gitlab.ID, o OTPState) (bool, error) {
	now := s.now()
	values := Item{":now": number(now.Unix()), ":most": number(otpAttempts), ":one": number(1)}
	update, condition := "ADD attempts :one SET attempted_at = :now", "attribute_not_exists(attempts) OR attempts < :most"
	if o.Attempts >= otpAttempts { // the lock's time is over: counting begins anew
		update, condition = "SET attempts = :one, attempted_at = :now", "attempts >= :most AND attempted_at <= :due"
		values[":due"] = number(now.Add(-otpLock).Unix())
	}
	err := s.change(ctx, otpKey(user), update, condition, values)
	if errors.Is(err, ErrConflict) {
		return false, nil
	}
	return err == nil, err
}

// OTPSuccess is a right one-time password.
type OTPSuccess struct {
	User    gitlab.ID
	Key     gitlab.ID // whose session is opened; 0: the login was not by key, and needs none
	Step    int64
	Request string // fingerprint
}

// OpenOTPSession uses a step up, forgets failed attempts and opens the key's session, in one write. ErrConflict says that
// the step or a later one was used before.
func (s *Store) OpenOTPSession(ctx context.Context, o OTPSuccess) error {
	update, condition := "SET attempts = :zero, step = :step, answered = :request", "attribute_not_exists(step) OR step < :step"
	items := []types.TransactWriteItem{{Update: &types.Update{
		TableName: &s.table, Key: otpKey(o.User).item(), UpdateExpression: &update, ConditionExpression: &condition,
		ExpressionAttributeValues: Item{
			":zero": number(0), ":step": number(o.Step), ":request": &types.AttributeValueMemberS{Value: o.Request},
		},
	}}}
	if o.Key != 0 {
		session := otpSessionKey(o.Key).item()
		session["expires"] = number(s.now().Add(otpSessionTTL).Unix())
		items = append(items, types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: session}})
	}
	token := rand.Text()
	_, err := s.api.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items, ClientRequestToken: &token})
	requestlog.From(ctx).CountCall(0, float64(2*len(items))) // two small items
	var canceled *types.TransactionCanceledException
	if errors.As(err, &canceled) && conditionFailed(canceled.CancellationReasons) {
		return ErrConflict
	}
	return failed("TransactWriteItems", err)
}

// conditionFailed reports whether a transaction was cancelled by a condition, and not because the table was busy.
func conditionFailed(reasons []types.CancellationReason) bool {
	return slices.ContainsFunc(reasons, func(r types.CancellationReason) bool {
		return r.Code != nil && *r.Code == "ConditionalCheckFailed"
	})
}
