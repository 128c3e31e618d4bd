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

// tokenWindow is how far the time of a token may be from ours, either way (Gitaly's authentication, version 2).
const tokenWindow = 30 * time.Second

// door lets calls in.
type door struct {
	token string
	now   func() time.Time
}

// intercept stands before every call.
func (d door) intercept(ctx context.Context, request any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if d.token != "" {
		if err := d.check(ctx); err != nil {
			return nil, err
		}
	}
	return next(ctx, request)
}

// check answers like Gitaly: Unauthenticated to who shows nothing that could be a token, PermissionDenied to who shows
// a wrong one or one of another time.
func (d door) check(ctx context.Context) error {
	shown := metadata.ValueFromIncomingContext(ctx, "authorization")
	if len(shown) != 1 {
		return status.Error(codes.Unauthenticated, "authorization: exactly one is needed")
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
		return status.Error(codes.Unauthenticated, "authorization: the time is no number")
	}
	if !hmac.Equal(signature, d.sign(parts[2])) {
		return status.Error(codes.PermissionDenied, "authorization: wrong token")
	}
	if now := d.now().Unix(); max(now-seconds, seconds-now) > int64(tokenWindow/time.Second) {
		return status.Error(codes.PermissionDenied, "authorization: made too long ago, or in the future")
	}
	return nil
}

func (d door) sign(seconds string) []byte {
	mac := hmac.New(sha256.New, []byte(d.token))
	_, _ = mac.Write([]byte(seconds)) // a hash takes everything
	return mac.Sum(nil)
}
