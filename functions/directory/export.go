package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"postern/shared/directory"
	"postern/shared/requestlog"
)

// exportPrefix is the prefix of exports in the bucket. Objects with this prefix are not loaded.
const exportPrefix = "exports/"

// export is a payload that requests an export, page by page or as an object in the bucket.
type export struct {
	Cursor string `json:"cursor"` // the "next" of the previous page
	Bucket string `json:"bucket"`
	Key    string `json:"key"` // begins with "exports/"
}

// written is the answer of an export to the bucket.
type written struct {
	Bucket  string         `json:"bucket"`
	Key     string         `json:"key"`
	Bytes   int64          `json:"bytes"`
	Omitted map[string]int `json:"omitted,omitempty"` // number of omitted secrets
}

var errExportKey = fmt.Errorf("export: bucket and key must be given, and the key must begin with %q", exportPrefix)

// export returns a page, or writes the whole directory to the bucket. Every call logs one line.
func (h handler) export(ctx context.Context, e *export) ([]byte, error) {
	record, began := &requestlog.Record{}, h.Now()
	answer, err := h.exported(requestlog.With(ctx, record), e)
	read, _ := record.Units()
	attrs := []slog.Attr{
		slog.String("family", "directory"),
		slog.String("export", e.Key),
		slog.Int64("duration_ms", h.Now().Sub(began).Milliseconds()),
		slog.Int("dynamodb_calls", record.Calls()),
		slog.Float64("dynamodb_read_units", read),
	}
	if err != nil {
		h.Logger.LogAttrs(ctx, slog.LevelError, "export", append(attrs, slog.String("cause", err.Error()))...)
		return nil, err
	}
	h.Logger.LogAttrs(ctx, slog.LevelInfo, "export", attrs...)
	return json.Marshal(answer)
}

func (h handler) exported(ctx context.Context, e *export) (any, error) {
	switch {
	case e.Bucket == "" && e.Key == "":
		return directory.ExportPage(ctx, h.Store, e.Cursor)
	case e.Bucket == "" || e.Key == exportPrefix || !strings.HasPrefix(e.Key, exportPrefix):
		return nil, errExportKey
	case h.Objects == nil:
		return nil, errNoBucket
	}
	to := newUpload(ctx, h.Objects, e.Bucket, e.Key)
	omitted, err := directory.Export(ctx, h.Store, directory.NewWriter(to))
	if err == nil {
		err = to.Close()
	}
	if err != nil {
		return nil, errors.Join(err, to.Abort(context.WithoutCancel(ctx)))
	}
	return written{Bucket: e.Bucket, Key: e.Key, Bytes: to.size, Omitted: omitted}, nil
}
