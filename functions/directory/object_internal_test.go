package directory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

var (
	errNoObject = errors.New("no such key")
	errBroken   = errors.New("connection broken")
)

// bucket stores the versions of objects. It interrupts its first reads after a few bytes.
type bucket struct {
	mu       sync.Mutex
	versions map[string][]string
	breaks   int
	reads    []string // version and range of each read

	written map[string]string // by key
	parts   []string          // of an incomplete upload
	fails   bool              // fail the second part
	aborted bool
}

func newBucket() *bucket {
	return &bucket{versions: map[string][]string{}, written: map[string]string{}}
}

func (b *bucket) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	raw, err := io.ReadAll(in.Body)
	b.written[*in.Bucket+"/"+*in.Key] = string(raw)
	return &s3.PutObjectOutput{}, err
}

func (b *bucket) CreateMultipartUpload(
	context.Context, *s3.CreateMultipartUploadInput, ...func(*s3.Options),
) (*s3.CreateMultipartUploadOutput, error) {
	return &s3.CreateMultipartUploadOutput{UploadId: aws.String("upload")}, nil
}

func (b *bucket) UploadPart(_ context.Context, in *s3.UploadPartInput, _ ...func(*s3.Options)) (*s3.UploadPartOutput, error) {
	raw, err := io.ReadAll(in.Body)
	b.parts = append(b.parts, string(raw))
	if n := len(b.parts); b.fails && n == 2 || int(*in.PartNumber) != n {
		return nil, errBroken
	}
	return &s3.UploadPartOutput{ETag: aws.String(fmt.Sprint("part-", len(b.parts)))}, err
}

func (b *bucket) CompleteMultipartUpload(
	_ context.Context, in *s3.CompleteMultipartUploadInput, _ ...func(*s3.Options),
) (*s3.CompleteMultipartUploadOutput, error) {
	for i, part := range in.MultipartUpload.Parts {
		if *part.ETag != fmt.Sprint("part-", i+1) {
			return nil, errBroken
		}
	}
	b.written[*in.Bucket+"/"+*in.Key] = strings.Join(b.parts, "")
	return &s3.CompleteMultipartUploadOutput{}, nil
}

func (b *bucket) AbortMultipartUpload(
	context.Context, *s3.AbortMultipartUploadInput, ...func(*s3.Options),
) (*s3.AbortMultipartUploadOutput, error) {
	b.aborted = true
	return &s3.AbortMultipartUploadOutput{}, nil
}

func (b *bucket) put(key, content string) { b.versions[key] = append(b.versions[key], content) }

func (b *bucket) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	versions := b.versions[*in.Key]
	if len(versions) == 0 || *in.Bucket != "documents" {
		return nil, errNoObject
	}
	version := len(versions)
	if in.VersionId != nil {
		version, _ = strconv.Atoi(*in.VersionId)
	}
	etag := fmt.Sprintf("etag-%d", version)
	if in.IfMatch != nil && *in.IfMatch != etag {
		return nil, errors.New("precondition failed")
	}
	content := versions[version-1]
	from, to := 0, len(content)-1
	if in.Range != nil {
		first, last, _ := strings.Cut(strings.TrimPrefix(*in.Range, "bytes="), "-")
		from, _ = strconv.Atoi(first)
		if last != "" {
			to, _ = strconv.Atoi(last)
		}
	}
	b.reads = append(b.reads, fmt.Sprintf("%d:%d-%d", version, from, to))
	var body io.Reader = strings.NewReader(content[from : to+1])
	if b.breaks > 0 {
		b.breaks--
		body = io.MultiReader(io.LimitReader(body, 3), broken{})
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(body), ETag: &etag, VersionId: aws.String(strconv.Itoa(version))}, nil
}

// broken is an interrupted connection.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errBroken }

func TestObjectResumesRead(t *testing.T) {
	const content = "0123456789"
	tests := []struct {
		name     string
		from, to int64
		breaks   int
		want     string
		err      error
	}{
		{"whole", 0, -1, 0, content, nil},
		{"part", 2, 5, 0, "234", nil},
		{"to the end", 7, -1, 0, "789", nil},
		{"resumed", 0, -1, 3, content, nil},
		{"resumed part", 1, 9, 2, "12345678", nil},
		{"interrupted too often", 0, -1, 1000, "", errBroken},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBucket()
			b.put("k", strings.Repeat(content, 1))
			b.breaks = test.breaks
			if test.err != nil {
				b.versions["k"][0] = strings.Repeat(content, 100)
			}
			r, err := newObject(b, "documents", "k", "").Open(t.Context(), test.from, test.to)
			if err != nil {
				t.Fatalf("open: %v", err)
			}
			defer func() { _ = r.Close() }()
			got, err := io.ReadAll(r)
			if !errors.Is(err, test.err) {
				t.Fatalf("got error %v, want %v", err, test.err)
			}
			if test.err == nil && string(got) != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestObjectPartsHaveOneVersion(t *testing.T) {
	b := newBucket()
	b.put("k", "first")
	o := newObject(b, "documents", "k", "")
	for range 2 {
		r, err := o.Open(t.Context(), 0, -1)
		if err != nil {
			t.Fatalf("open: %v", err)
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, []byte("first")) {
			t.Errorf("got %q, %v", got, err)
		}
		b.put("k", "second") // a new version of the same object
	}
}

func TestObjectStopsResumingAfterCancel(t *testing.T) {
	b := newBucket()
	b.put("k", "0123456789")
	b.breaks = 1
	ctx, cancel := context.WithCancel(t.Context())
	r, err := newObject(b, "documents", "k", "").Open(ctx, 0, -1)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	cancel()
	if _, err := io.ReadAll(r); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
	if len(b.reads) != 1 {
		t.Errorf("reads: %v", b.reads)
	}
}
