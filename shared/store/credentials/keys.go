package credentials

import (
	"postern/shared/gitlab"
	"postern/shared/table"
)

// Second factors of a user, and the answers of requests for their repeats. The former lie in the user's partition, so that they
// are removed with the user.

func recoveryKey(user gitlab.ID) table.Key {
	return table.Key{PK: "user#" + table.ID(user), SK: "recovery"}
}

func otpKey(user gitlab.ID) table.Key { return table.Key{PK: "user#" + table.ID(user), SK: "otp"} }

func handoutKey(fingerprint string) table.Key {
	return table.Key{PK: "handout#" + fingerprint, SK: "handout"}
}
