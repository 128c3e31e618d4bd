package directory

import (
	"bytes"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// partSize is the size of a part. S3 requires at least 5 MiB and accepts 10,000 parts.
const partSize = 8 << 20

// upload writes an object of any size in parts. The object exists only after Close.
type upload struct {
	ctx         context.Context //nolint:containedctx // a writer has no other way to get it
	api         Objects
	bucket, key string

	id    *string // nil until the first part
	parts []types.CompletedPart
	rest  bytes.Buffer
	size  int64
}

func newUpload(ctx context.Context, api Objects, bucket, key string) *upload {
	return &upload{ctx: ctx, api: api, bucket: bucket, key: key}
}

// Write buffers data and sends a part once the buffer is full.
func (u *upload) Write(p []byte) (int, error) {
	u.size += int64(len(p))
	u.rest.Write(p)
	if u.rest.Len() < partSize {
		return len(p), nil
	}
	return len(p), u.send()
}

// send sends the buffer as a part.
func (u *upload) send() error {
	if u.id == nil {
		out, err := u.api.CreateMultipartUpload(u.ctx, &s3.CreateMultipartUploadInput{Bucket: &u.bucket, Key: &u.key})
		if err != nil {
			return fmt.Errorf("write %s/%s: %w", u.bucket, u.key, err)
		}
		u.id = out.UploadId
	}
	number := int32(len(u.parts) + 1)
	out, err := u.api.UploadPart(u.ctx, &s3.UploadPartInput{
		Bucket: &u.bucket, Key: &u.key, UploadId: u.id, PartNumber: &number, Body: bytes.NewReader(u.rest.Bytes()),
	})
	if err != nil {
		return fmt.Errorf("write %s/%s: %w", u.bucket, u.key, err)
	}
	u.parts = append(u.parts, types.CompletedPart{ETag: out.ETag, PartNumber: &number})
	u.rest.Reset()
	return nil
}

// Close completes the object.
func (u *upload) Close() error {
	if u.id == nil {
		_, err := u.api.PutObject(u.ctx, &s3.PutObjectInput{Bucket: &u.bucket, Key: &u.key, Body: bytes.NewReader(u.rest.Bytes())})
		if err != nil {
			return fmt.Errorf("write %s/%s: %w", u.bucket, u.key, err)
		}
		return nil
	}
	if u.rest.Len() > 0 {
		if err := u.send(); err != nil {
			return err
		}
	}
	_, err := u.api.CompleteMultipartUpload(u.ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &u.bucket, Key: &u.key, UploadId: u.id, MultipartUpload: &types.CompletedMultipartUpload{Parts: u.parts},
	})
	if err != nil {
		return fmt.Errorf("write %s/%s: %w", u.bucket, u.key, err)
	}
	return nil
}

// Abort discards the sent parts.
func (u *upload) Abort(ctx context.Context) error {
	if u.id == nil {
		return nil
	}
	_, err := u.api.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{
		Bucket: &u.bucket, Key: &u.key, UploadId: u.id,
	})
	if err != nil {
		return fmt.Errorf("abort %s/%s: %w", u.bucket, u.key, err)
	}
	return nil
}
