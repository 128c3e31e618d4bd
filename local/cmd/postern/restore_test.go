package main_test

import (
	"bytes"
	"compress/gzip"
	"crypto/md5" // as DynamoDB does
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// exportOfOne writes an export of one user in DynamoDB's form and returns its folder.
func exportOfOne(t *testing.T) string {
	t.Helper()
	var packed bytes.Buffer
	lines := gzip.NewWriter(&packed)
	_, err := lines.Write([]byte(`{"Item":{"pk":{"S":"username#lost"},"sk":{"S":"username"},"id":{"N":"77"}}}` + "\n"))
	if err := errors.Join(err, lines.Close()); err != nil {
		t.Fatal(err)
	}
	sum := md5.Sum(packed.Bytes())
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"data/one.json.gz":      packed.Bytes(),
		"manifest-summary.json": []byte(`{"itemCount":1,"outputFormat":"DYNAMODB_JSON","exportType":"FULL_EXPORT"}`),
		"manifest-files.json": fmt.Appendf(nil, `{"itemCount":1,"md5Checksum":%q,"dataFileS3Key":"AWSDynamoDB/1-2/data/one.json.gz"}`,
			base64.StdEncoding.EncodeToString(sum[:])),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// checkRestore restores items of the running system, by its port and by the table's name, as in an AWS account.
func checkRestore(t *testing.T, r *running) {
	t.Helper()
	from := "FROM=" + exportOfOne(t)
	if out, progress, status := r.do("restore", from); status != 0 || out != "postern: 1 items written, 0 existed\n" {
		t.Errorf("status %d, %q, %q", status, out, progress)
	}
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": r.about.DynamoDB, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
	} {
		t.Setenv(name, value)
	}
	out, progress, status := do(t, r.program, "restore", from, "TABLE="+r.about.Table)
	if status != 0 || out != "postern: 0 items written, 1 existed\n" {
		t.Errorf("status %d, %q, %q", status, out, progress)
	}
	for _, variables := range [][]string{{}, {"FROM=" + t.TempDir()}, {from, "TABLE=none"}} {
		if _, progress, status := r.do(append([]string{"restore"}, variables...)...); status != 1 || !strings.Contains(progress, "postern: ") {
			t.Errorf("restore %v: status %d, %q", variables, status, progress)
		}
	}
}
