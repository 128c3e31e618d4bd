package gitaly

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// tokenWindow is the largest difference between a token's time and the clock (Gitaly's authentication, version 2).
const tokenWindow = 30 * time.Second

// authenticator checks the token of calls.
type authenticator struct {
	token string
	now   func() time.Time
}

// intercept checks every call.
func (a authenticator) intercept(ctx context.Context, request any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if a.token != "" {
		if err := a.check(ctx); err != nil {
			return nil, err
		}
	}
	return next(ctx, request)
}

// check answers like Gitaly. A missing or malformed token is Unauthenticated. A wrong or outdated token is PermissionDenied.
func (a authenticator) check(ctx context.Context) error {
	shown := metadata.ValueFromIncomingContext(ctx, "authorization")
	if len(shown) != 1 {
		return status.Error(codes.Unauthenticated, "authorization: exactly one is required")
	}
	scheme, token, _ := strings.Cut(shown[0], " ")
	parts := strings.Split(token, ".")
	if !strings.EqualFold(scheme, "bearer") || len(parts) != 3 || parts[0] != "v2" {
		return status.Error(codes.Unauthenticated, "authorization: must be Bearer v2.<signature>.<seconds>")
	}
	signature, err := hex.DecodeString(parts[1])
	if err != nil {
		return status.Error(codes.Unauthenticated, "authorization: the signature is not hexadecimal")
	}
	seconds, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil {
		return status.Error(codes.Unauthenticated, "authorization: the time is not a number")
	}
	if !hmac.Equal(signature, a.sign(parts[2])) {
		return status.Error(codes.PermissionDenied, "authorization: wrong token")
	}
	if now := a.now().Unix(); max(now-seconds, seconds-now) > int64(tokenWindow/time.Second) {
		return status.Error(codes.PermissionDenied, "authorization: the time is too long ago or in the future")
	}
	return nil
}

func (a authenticator) sign(seconds string) []byte {
	mac := hmac.New(sha256.New, []byte(a.token))
	_, _ = mac.Write([]byte(seconds)) // a hash never fails
	return mac.Sum(nil)
}
