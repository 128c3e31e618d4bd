package directory

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Objects is the part of *s3.Client that the function uses.
type Objects interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
	CreateMultipartUpload(
		context.Context, *s3.CreateMultipartUploadInput, ...func(*s3.Options),
	) (*s3.CreateMultipartUploadOutput, error)
	UploadPart(context.Context, *s3.UploadPartInput, ...func(*s3.Options)) (*s3.UploadPartOutput, error)
	CompleteMultipartUpload(
		context.Context, *s3.CompleteMultipartUploadInput, ...func(*s3.Options),
	) (*s3.CompleteMultipartUploadOutput, error)
	AbortMultipartUpload(
		context.Context, *s3.AbortMultipartUploadInput, ...func(*s3.Options),
	) (*s3.AbortMultipartUploadOutput, error)
}

// object is a document in a bucket. All parts are read from one version: that of the event, or else the one that the first
// read returns.
type object struct {
	api         Objects
	bucket, key string

	mu            sync.Mutex
	version, etag *string
}

// newObject returns the document of an object; version "" selects the newest.
func newObject(api Objects, bucket, key, version string) *object {
	o := &object{api: api, bucket: bucket, key: key}
	if version != "" {
		o.version = &version
	}
	return o
}

// Open reads a part of the document.
func (o *object) Open(ctx context.Context, from, to int64) (io.ReadCloser, error) {
	r := &resuming{ctx: ctx, object: o, at: from, to: to}
	body, err := o.get(ctx, from, to)
	if err != nil {
		return nil, err
	}
	r.body = body
	return r, nil
}

// get requests a part of the object in the fixed version.
func (o *object) get(ctx context.Context, from, to int64) (io.ReadCloser, error) {
	o.mu.Lock()
	in := &s3.GetObjectInput{Bucket: &o.bucket, Key: &o.key, VersionId: o.version, IfMatch: o.etag}
	o.mu.Unlock()
	if part := byteRange(from, to); part != "" {
		in.Range = &part
	}
	out, err := o.api.GetObject(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("read %s/%s: %w", o.bucket, o.key, err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.etag == nil {
		o.etag = out.ETag
	}
	if o.version == nil && out.VersionId != nil && *out.VersionId != "null" {
		o.version = out.VersionId
	}
	return out.Body, nil
}

// byteRange returns the Range header for a part, "" for the whole object.
func byteRange(from, to int64) string {
	switch {
	case from == 0 && to < 0:
		return ""
	case to < 0:
		return fmt.Sprintf("bytes=%d-", from)
	}
	return fmt.Sprintf("bytes=%d-%d", from, to-1)
}

// resumes limits the resumptions of an interrupted part. Applying a large document takes minutes, and S3 may close the
// connection meanwhile.
const resumes = 20

// resuming reads a part and resumes it after an interruption.
type resuming struct {
	ctx     context.Context //nolint:containedctx // a reader has no other way to get it
	object  *object
	body    io.ReadCloser
	at, to  int64
	resumed int
}

// Read resumes the part after an interruption.
func (r *resuming) Read(p []byte) (int, error) {
	for {
		n, err := r.body.Read(p)
		r.at += int64(n)
		if n > 0 || err == nil || errors.Is(err, io.EOF) && r.complete() {
			return n, maskLate(n, err)
		}
		if r.resumed++; r.resumed > resumes || r.ctx.Err() != nil {
			return 0, err
		}
		_ = r.body.Close()
		if r.body, err = r.object.get(r.ctx, r.at, r.to); err != nil {
			r.body = io.NopCloser(failing{err})
			return 0, err
		}
	}
}

// complete reports whether a part of known length is complete. The whole object ends at EOF.
func (r *resuming) complete() bool { return r.to < 0 || r.at >= r.to }

// maskLate delays an error that came with bytes until the next read, which returns it again.
func maskLate(n int, err error) error {
	if n > 0 {
		return nil
	}
	return err
}

// Close closes the current connection.
func (r *resuming) Close() error { return r.body.Close() }

// failing fails every read with an error.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
