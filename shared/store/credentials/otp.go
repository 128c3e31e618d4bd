package credentials

import (
	"context"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/table"
)

const (
	// otpAttempts one-time passwords may be wrong one after the other; then the account is locked for otpLock (internal
	// API, two_factor_manual_otp_check).
	otpAttempts = 10
	otpLock     = 10 * time.Minute
	// otpSessionTTL is how long a right one opens the way for git.
	otpSessionTTL = 15 * time.Minute
)

// OTPState is the stored state of a user's one-time passwords.
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
func (s *Credentials) TakeOTPAttempt(ctx context.Context, user gitlab.ID, o OTPState) (bool, error) {
	now := s.db.Now()
	w := table.Write{
		Verb: table.Update, Key: otpKey(user), Once: true,
		Update: "ADD attempts :one SET attempted_at = :now", If: "attribute_not_exists(attempts) OR attempts < :most",
		Values: table.Item{":now": table.Number(now.Unix()), ":most": table.Number(otpAttempts), ":one": table.Number(1)},
	}
	if o.Attempts >= otpAttempts { // the lock's time is over: counting begins anew
		w.Update, w.If = "SET attempts = :one, attempted_at = :now", "attempts >= :most AND attempted_at <= :due"
		w.Values[":due"] = table.Number(now.Add(-otpLock).Unix())
	}
	return s.db.WriteIf(ctx, w)
}

// OTPSuccess is a right one-time password.
type OTPSuccess struct {
	User    gitlab.ID
	Key     gitlab.ID // key of the opened session; 0: a login without a key needs no session
	Step    int64
	Request string // fingerprint
}

// OpenOTPSession uses up a step, forgets failed attempts and opens the key's session, in one write. ErrConflict reports that the
// step or a later one was used before.
func (s *Credentials) OpenOTPSession(ctx context.Context, o OTPSuccess) error {
	writes := []table.Write{{
		Verb: table.Update, Key: otpKey(o.User),
		Update: "SET attempts = :zero, step = :step, answered = :request", If: "attribute_not_exists(step) OR step < :step",
		Values: table.Item{":zero": table.Number(0), ":step": table.Number(o.Step), ":request": table.String(o.Request)},
	}}
	if o.Key != 0 {
		writes = append(writes, table.Write{
			Verb: table.Put, Key: layout.OTPSessionKey(o.Key), Item: table.Item{"expires": s.db.Expires(otpSessionTTL)},
		})
	}
	return s.db.Transact(ctx, writes)
}
