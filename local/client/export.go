package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"postern/shared/directory"
)

// Export reads the whole directory of a running system, page by page, through its directory function.
type Export struct {
	URL      string // base URL of the system
	Function string // name of the directory function
}

// Do writes the directory as one document, and returns the number of omitted secrets by struct and field.
func (e Export) Do(ctx context.Context, to io.Writer) (map[string]int, error) {
	document, omitted := directory.NewWriter(to), map[string]int{}
	for place, first := "", true; first || place != ""; first = false {
		page, err := e.page(ctx, place)
		if err != nil {
			return omitted, err
		}
		for name, n := range page.Omitted {
			omitted[name] += n
		}
		if err := document.Write(page); err != nil {
			return omitted, fmt.Errorf("write the document: %w", err)
		}
		place = page.Next
	}
	if err := document.Close(); err != nil {
		return omitted, fmt.Errorf("write the document: %w", err)
	}
	return omitted, nil
}

// page requests one page.
func (e Export) page(ctx context.Context, place string) (directory.Page, error) {
	payload, err := json.Marshal(map[string]any{"export": map[string]string{"cursor": place}})
	if err != nil {
		return directory.Page{}, fmt.Errorf("request a page: %w", err)
	}
	answer, err := Apply{URL: e.URL, Function: e.Function}.invoke(ctx, bytes.NewReader(payload))
	if err != nil {
		return directory.Page{}, err
	}
	var page directory.Page
	decoder := json.NewDecoder(bytes.NewReader(answer))
	decoder.UseNumber() // ids may exceed the precision of JSON numbers
	if err := decoder.Decode(&page); err != nil || page.Document == nil {
		return directory.Page{}, fmt.Errorf("%w: it answers %.200s", errFunction, answer)
	}
	return page, nil
}
