// Package gitalypb is the wire form of the calls to Gitaly. It holds no logic; package gitaly makes the calls.
//
// The other files come from gitaly.proto, the part of Gitaly's API that Postern uses. After a change of that
// file, run `go generate ./shared/gitaly/gitalypb`. The versions of the generators are pinned here and in buf.gen.yaml.
package gitalypb

//go:generate go run github.com/bufbuild/buf/cmd/buf@v1.75.0 generate
