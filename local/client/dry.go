package client

import "bytes"

// dryRun is the beginning of a document that is a preview.
const dryRun = `{"dry_run":true,`

// dry marks a document as a preview. Input that is not a JSON object is unchanged, and the function rejects it.
func dry(document []byte) []byte {
	const space = " \t\r\n"
	members, ok := bytes.CutPrefix(bytes.TrimLeft(document, space), []byte("{"))
	if !ok {
		return document
	}
	head := dryRun
	if bytes.HasPrefix(bytes.TrimLeft(members, space), []byte("}")) {
		head = dryRun[:len(dryRun)-1] // no comma before the end
	}
	return append([]byte(head), members...)
}
