package gitaly

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"google.golang.org/grpc/metadata"
)

// authorized adds to a call what shows that its caller knows the storage's token (Gitaly's authentication, version 2):
// the time, signed. Gitaly takes it for 30 seconds, so every attempt has its own. A storage without a token asks for none.
func authorized(ctx context.Context, token *string, now time.Time) context.Context {
	if token == nil || *token == "" {
		return ctx
	}
	seconds := strconv.FormatInt(now.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(*token))
	_, _ = mac.Write([]byte(seconds)) // a hash takes everything
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer v2."+hex.EncodeToString(mac.Sum(nil))+"."+seconds)
}
