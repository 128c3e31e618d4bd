package credentials

import (
	"postern/shared/gitlab"
	"postern/shared/table"
)

// What signs a user in beside the password, and what a request was answered with, for its repeats. The former lie in the
// user's partition, so that they go with the user.

func recoveryKey(user gitlab.ID) table.Key {
	return table.Key{PK: "user#" + table.ID(user), SK: "recovery"}
}

func otpKey(user gitlab.ID) table.Key { return table.Key{PK: "user#" + table.ID(user), SK: "otp"} }

func handoutKey(fingerprint string) table.Key {
	return table.Key{PK: "handout#" + fingerprint, SK: "handout"}
}
