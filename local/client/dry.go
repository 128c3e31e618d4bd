package client

import "bytes"

// dryRun makes a preview of a document, before its first member.
const dryRun = `{"dry_run":true,`

// dry returns a document that says of itself that it is a preview only. What does not begin like a document stays as it
// is, and is refused as that.
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
