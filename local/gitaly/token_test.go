package gitaly_test

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	local "postern/local/gitaly"
	"postern/local/gitaly/gitalytest"
	"postern/shared/gitaly/gitalypb"
)

func TestToken(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	folder := t.TempDir()
	r := gitalytest.NewRepository(t, folder, relative, gitalytest.SHA1)
	server := gitalytest.Serve(t, local.Options{Repositories: folder, Token: "gtok", Now: func() time.Time { return now }}, "")
	client := connect(t, server.Address)
	good := bearer("gtok", now)
	cases := []struct {
		name  string
		shown []string
		want  codes.Code
	}{
		{"a valid token", []string{good}, codes.OK},
		{"a scheme in another case", []string{strings.Replace(good, "Bearer", "bearer", 1)}, codes.OK},
		{"30 s ago is valid", []string{bearer("gtok", now.Add(-30*time.Second))}, codes.OK},
		{"30 s ahead is valid", []string{bearer("gtok", now.Add(30*time.Second))}, codes.OK},
		{"31 s ago is too old", []string{bearer("gtok", now.Add(-31*time.Second))}, codes.PermissionDenied},
		{"31 s ahead is too early", []string{bearer("gtok", now.Add(31*time.Second))}, codes.PermissionDenied},
		{"another token is wrong", []string{bearer("other", now)}, codes.PermissionDenied},
		{"an empty token is wrong", []string{bearer("", now)}, codes.PermissionDenied},
		{"a changed time is wrong", []string{strings.TrimSuffix(good, "0") + "1"}, codes.PermissionDenied},
		{"a cut signature is wrong", []string{"Bearer v2.00." + strings.Split(good, ".")[2]}, codes.PermissionDenied},
		{"a missing token", nil, codes.Unauthenticated},
		{"two tokens", []string{good, good}, codes.Unauthenticated},
		{"another scheme", []string{"Basic Z3Rvaw=="}, codes.Unauthenticated},
		{"the bare token", []string{"Bearer gtok"}, codes.Unauthenticated},
		{"another version", []string{strings.Replace(good, "v2", "v3", 1)}, codes.Unauthenticated},
		{"a signature that is not hexadecimal", []string{"Bearer v2.zz.1700000000"}, codes.Unauthenticated},
		{"a time that is not a number", []string{"Bearer v2.00.now"}, codes.Unauthenticated},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ctx := t.Context()
			for _, shown := range c.shown {
				ctx = metadata.AppendToOutgoingContext(ctx, "authorization", shown)
			}
			_, err := client.CommitIsAncestor(ctx, &gitalypb.CommitIsAncestorRequest{
				Repository: message(relative), AncestorId: r.A, ChildId: r.B,
			})
			if status.Code(err) != c.want {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "gtok") {
				t.Errorf("the token is in the error: %v", err)
			}
		})
	}
}
