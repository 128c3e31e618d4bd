package gitlab

import (
	"net/url"
	"strconv"
	"strings"
)

// Host returns the host name of the instance, as key comments and SSH commands show it.
func (i Instance) Host() string {
	if u, err := url.Parse(i.URL); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	return i.URL
}

// SSHAddress returns the host that git reaches over SSH: SSHHost, or else the host of URL.
func (i Instance) SSHAddress() string {
	if i.SSHHost != "" {
		return i.SSHHost
	}
	return i.Host()
}

// HTTPCloneURL returns where a repository is cloned from over HTTP; path is its full path without ".git".
func (i Instance) HTTPCloneURL(path string) string { return i.WebURL(path) + ".git" }

// WebURL returns the page of a path.
func (i Instance) WebURL(path string) string { return strings.TrimSuffix(i.URL, "/") + "/" + path }

// SSHCloneURL returns where a repository is cloned from over SSH: the scp-like form, or an ssh URL where the
// port is not 22.
func (i Instance) SSHCloneURL(path string) string {
	host := i.SSHAddress()
	if strings.Contains(host, ":") {
		host = "[" + host + "]" // an IPv6 address
	}
	if i.SSHPort == 0 || i.SSHPort == 22 {
		return "git@" + host + ":" + path + ".git"
	}
	return "ssh://git@" + host + ":" + strconv.Itoa(i.SSHPort) + "/" + path + ".git"
}
