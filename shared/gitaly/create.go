package gitaly

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"postern/shared/gitaly/gitalypb"
	"postern/shared/gitlab"
)

// CreateRepository lets the server make an empty repository whose HEAD names the branch, such as "main". One that is there
// already stays as it is, and is no error. Any error means that it may be there or not: it is an *UnavailableError, and
// asking again is harmless.
func (c *Client) CreateRepository(ctx context.Context, server gitlab.Storage, repo Repository, branch string) error {
	wish := &gitalypb.CreateRepositoryRequest{Repository: repo.message(), DefaultBranch: []byte(branch)}
	err := c.ask(ctx, server, func(ctx context.Context, on grpc.ClientConnInterface) error {
		_, err := gitalypb.NewRepositoryServiceClient(on).CreateRepository(ctx, wish)
		return err
	})
	if err == nil || status.Code(err) == codes.AlreadyExists {
		return nil
	}
	return unavailable(ctx, server, err)
}
