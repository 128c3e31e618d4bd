package gitaly

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// errAddress says what a storage's address should look like.
var errAddress = errors.New("must be tcp://host:port, tls://host:port, dns:///host:port or unix:/path")

// target turns a storage's address into a target of gRPC's, and tells whether the connection is to be encrypted.
//
// A host's name is looked up by the dialer, each time that it connects. gRPC's own resolver would keep what it found,
// and ask again at most every 30 s, however long the process was frozen in between.
func target(address string) (target string, encrypted bool, err error) {
	scheme, rest, _ := strings.Cut(address, ":")
	switch scheme {
	case "unix":
		if path := strings.TrimPrefix(rest, "//"); path != "" {
			return "unix:" + path, false, nil
		}
	case "tcp", "tls":
		if at, found := strings.CutPrefix(rest, "//"); found && isHostPort(at) {
			return "passthrough:///" + at, scheme == "tls", nil
		}
	case "dns":
		if at, found := strings.CutPrefix(rest, "///"); found && isHostPort(at) {
			return "passthrough:///" + at, false, nil
		}
	}
	return "", false, fmt.Errorf("its address is %q: %w", address, errAddress)
}

// hostCharacters are those of names and of addresses of both kinds.
const hostCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:"

func isHostPort(s string) bool {
	host, text, err := net.SplitHostPort(s)
	if err != nil || host == "" || strings.Trim(host, hostCharacters) != "" {
		return false
	}
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port > 0
}
