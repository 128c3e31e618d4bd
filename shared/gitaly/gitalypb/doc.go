// Package gitalypb is the wire form of what Postern asks of Gitaly: two calls, and a repository's name. It holds no logic;
// package gitaly asks.
//
// Everything but this file is made from gitaly.proto, which has of Gitaly's API only what is used here. After a change of
// it, `go generate ./shared/gitaly/gitalypb` makes the code again; the versions of what makes it are pinned here and in
// buf.gen.yaml.
package gitalypb

//go:generate go run github.com/bufbuild/buf/cmd/buf@v1.75.0 generate
