package restore

import (
	"bufio"
	"compress/gzip"
	"crypto/md5" //nolint:gosec // DynamoDB's checksum of each file
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Item is one item of a table.
type Item = map[string]types.AttributeValue

// The files of an export beside its data (DynamoDB's documentation, "DynamoDB table export output format").
const (
	summaryFile = "manifest-summary.json"
	listFile    = "manifest-files.json"
	dataFolder  = "data"
	format      = "DYNAMODB_JSON"
)

// longestLine exceeds every item: 400 KB in base64 with names of types.
const longestLine = 4 << 20

var (
	// ErrFormat means that a folder has no complete export in DynamoDB's JSON.
	ErrFormat = errors.New("no export in DynamoDB's JSON")
	// ErrDamaged means that a file of an export differs from DynamoDB's.
	ErrDamaged = errors.New("the export is damaged")
)

// summary has the needed fields of an export's summary.
type summary struct {
	ItemCount    int64  `json:"itemCount"`
	OutputFormat string `json:"outputFormat"`
	ExportType   string `json:"exportType"`
}

// file is a line of the list of data files.
type file struct {
	ItemCount int64  `json:"itemCount"`
	MD5       string `json:"md5Checksum"` // base64, of the compressed file
	Key       string `json:"dataFileS3Key"`
}

// Read calls take for every item of a full export. The folder is the one with manifest-summary.json (below AWSDynamoDB in the bucket).
// It checks a file before the file's first item. Errors: ErrFormat, ErrDamaged, those of the folder and of take.
func Read(folder fs.FS, take func(Item) error) error {
	whole, err := readSummary(folder)
	if err != nil {
		return err
	}
	files, err := readList(folder)
	if err != nil {
		return err
	}
	var items int64
	for _, f := range files {
		found, err := f.read(folder, take)
		if err != nil {
			return err
		}
		items += found
	}
	if items != whole.ItemCount {
		return fmt.Errorf("%w: %d items, the summary has %d", ErrDamaged, items, whole.ItemCount)
	}
	return nil
}

func readSummary(folder fs.FS) (summary, error) {
	var s summary
	raw, err := fs.ReadFile(folder, summaryFile)
	if err != nil {
		return s, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return s, fmt.Errorf("%w: %s: %w", ErrFormat, summaryFile, err)
	}
	if s.OutputFormat != format || s.ExportType == "INCREMENTAL_EXPORT" {
		return s, fmt.Errorf("%w: it is %s %s, want a full export", ErrFormat, s.ExportType, s.OutputFormat)
	}
	return s, nil
}

func readList(folder fs.FS) ([]file, error) {
	list, err := folder.Open(listFile)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	defer func() { _ = list.Close() }()
	var files []file
	for decoder := json.NewDecoder(list); ; {
		var f file
		if err := decoder.Decode(&f); errors.Is(err, io.EOF) {
			return files, nil
		} else if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrFormat, listFile, err)
		}
		files = append(files, f)
	}
}

// read checks a file, passes its items to take, and returns their number.
func (f file) read(folder fs.FS, take func(Item) error) (int64, error) {
	name := path.Join(dataFolder, path.Base(f.Key))
	if err := f.check(folder, name); err != nil {
		return 0, err
	}
	packed, err := folder.Open(name)
	if err != nil {
		return 0, fmt.Errorf("open the export: %w", err)
	}
	defer func() { _ = packed.Close() }()
	lines, err := gzip.NewReader(packed)
	if err != nil {
		return 0, fmt.Errorf("%w: %s: %w", ErrDamaged, name, err)
	}
	items, err := each(lines, take)
	if err != nil {
		return items, fmt.Errorf("%s, line %d: %w", name, items+1, err)
	}
	if items != f.ItemCount {
		return items, fmt.Errorf("%w: %s has %d items, the list has %d", ErrDamaged, name, items, f.ItemCount)
	}
	return items, nil
}

// check compares a file with its checksum in the list.
func (f file) check(folder fs.FS, name string) error {
	data, err := folder.Open(name)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	defer func() { _ = data.Close() }()
	sum := md5.New() //nolint:gosec // as above
	if _, err := io.Copy(sum, data); err != nil {
		return fmt.Errorf("read the export: %w", err)
	}
	if got := base64.StdEncoding.EncodeToString(sum.Sum(nil)); got != f.MD5 {
		return fmt.Errorf("%w: the sum of %s is %s, want %s", ErrDamaged, name, got, f.MD5)
	}
	return nil
}

// each passes on the items of lines in the form {"Item":{…}}.
func each(lines io.Reader, take func(Item) error) (count int64, err error) {
	scanner := bufio.NewScanner(lines)
	scanner.Buffer(nil, longestLine)
	for ; scanner.Scan(); count++ {
		var line struct{ Item json.RawMessage }
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			return count, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		item, err := attributevalue.UnmarshalMapJSON(line.Item)
		if err != nil {
			return count, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		if err := take(item); err != nil {
			return count, err
		}
	}
	return count, scanner.Err()
}
