package gitaly

import (
	"context"
	"strings"

	"google.golang.org/grpc"

	"postern/shared/gitaly/gitalypb"
	"postern/shared/gitlab"
)

// DefaultBranch returns the default branch without "refs/heads/", "" for a repository without branches. It is the branch of HEAD
// if that exists, else main, master, or the first by name. Any error is an *UnavailableError.
func (c *Client) DefaultBranch(ctx context.Context, server gitlab.Storage, repo Repository) (string, error) {
	name := ""
	err := c.ask(ctx, server, func(ctx context.Context, on grpc.ClientConnInterface) error {
		answer, err := gitalypb.NewRefServiceClient(on).FindDefaultBranchName(
			ctx, &gitalypb.FindDefaultBranchNameRequest{Repository: repo.message()})
		name = strings.TrimPrefix(string(answer.GetName()), gitlab.BranchRef(""))
		return err
	})
	if err != nil {
		return "", unavailable(ctx, server, err)
	}
	return name, nil
}

// SetHead points HEAD to a branch. A repeat is harmless. Any error is an *UnavailableError.
func (c *Client) SetHead(ctx context.Context, server gitlab.Storage, repo Repository, branch string) error {
	wish := &gitalypb.WriteRefRequest{Repository: repo.message(), Ref: []byte("HEAD"), Revision: []byte(gitlab.BranchRef(branch))}
	err := c.ask(ctx, server, func(ctx context.Context, on grpc.ClientConnInterface) error {
		_, err := gitalypb.NewRepositoryServiceClient(on).WriteRef(ctx, wish)
		return err
	})
	if err != nil {
		return unavailable(ctx, server, err)
	}
	return nil
}
