package access

import (
	"testing"

	"postern/shared/gitlab"
)

func ranges(r ...string) with { return root(func(n *gitlab.Namespace) { n.IPRanges = r }) }

func TestAddressLists(t *testing.T) {
	office := ranges("192.0.2.0/24", "2001:db8::/32", "198.51.100.7")
	sub := func(r ...string) with {
		return in(append(group("acme"), gitlab.Namespace{
			ID: 21, Kind: gitlab.GroupNamespace, Path: "sub", IPRanges: r,
		}))
	}
	decide(t, []row{
		{"inside", given(office, from("192.0.2.77")), 200, ""},
		{"inside, IPv6", given(office, from("2001:db8::1")), 200, ""},
		{"the single address", given(office, from("198.51.100.7")), 200, ""},
		{"an IPv4 address written as IPv6", given(office, from("::ffff:192.0.2.77")), 200, ""},
		{"an address with a zone", given(office, from("2001:db8::1%eth0")), 200, ""},
		{"outside", given(office, from("203.0.113.5")), 404, textNoProject},
		{"outside, push", given(push, office, from("203.0.113.5")), 404, textNoProject},
		{"outside, owner", given(level(gitlab.Owner), office, from("203.0.113.5")), 404, textNoProject},
		{"outside, public project", given(visibility(gitlab.Public), office, from("203.0.113.5")), 404, textNoProject},
		{"outside, nobody on a public project", given(
			nobody, visibility(gitlab.Public), office, from("203.0.113.5"),
		), 404, textNoProject},
		{"outside, wiki", given(wiki, office, from("203.0.113.5")), 404, textNoWiki},
		{"outside, project snippet", given(snippet(ofDan), office, from("203.0.113.5")), 404, textNoSnippet},
		{"outside, administrator", given(admin, office, from("203.0.113.5")), 200, ""},
		{"outside, deploy key", given(deployKey(readLink), office, from("203.0.113.5")), 404, textNoProject},
		{"outside, deploy key of an administrator", given(
			admin, deployKey(readLink), office, from("203.0.113.5"),
		), 404, textNoProject},
		{"inside, deploy key", given(deployKey(readLink), office, from("192.0.2.77")), 200, ""},
		{"address unknown", given(office), 200, ""},
		{"address unreadable", given(office, from("not an address")), 404, textNoProject},
		{"address unreadable, no list", given(from("not an address")), 200, ""},
		{"no license", given(community, office, from("203.0.113.5")), 200, ""},
		{"a list of nonsense lets nobody in", given(ranges("everywhere"), from("192.0.2.77")), 404, textNoProject},
		{"a sub-group's list counts, too", given(sub("192.0.2.0/24"), from("203.0.113.5")), 404, textNoProject},
		{"every list must let in", given(sub("203.0.113.0/24"), office, from("203.0.113.5")), 404, textNoProject},
		{"every list lets in", given(sub("192.0.2.64/26"), office, from("192.0.2.77")), 200, ""},
	})
}

func TestDeployKeysAreRefusedByTheirOwnCheck(t *testing.T) {
	d := Check(ask(deployKey(readLink), ranges("192.0.2.0/24"), from("203.0.113.5")))
	if d.Failed != "deploy_key_address" {
		t.Errorf("failed %q", d.Failed)
	}
}

func TestRanges(t *testing.T) {
	tests := []struct {
		name, address, within string
		want                  bool
	}{
		{"first of a range", "10.0.0.0", "10.0.0.0/8", true},
		{"last of a range", "10.255.255.255", "10.0.0.0/8", true},
		{"behind a range", "11.0.0.0", "10.0.0.0/8", false},
		{"a range with host bits", "10.1.2.3", "10.9.9.9/8", true},
		{"all of IPv4", "203.0.113.5", "0.0.0.0/0", true},
		{"all of IPv4 holds no IPv6", "2001:db8::1", "0.0.0.0/0", false},
		{"an IPv4 range written as IPv6", "10.1.2.3", "::ffff:10.0.0.0/104", true},
		{"beside an IPv4 range written as IPv6", "11.1.2.3", "::ffff:10.0.0.0/104", false},
		{"a single IPv4 written as IPv6", "10.1.2.3", "::ffff:10.1.2.3", true},
		{"a range of too many bits", "10.1.2.3", "10.1.2.3/33", false},
		{"a range without bits", "10.1.2.3", "10.1.2.3/", false},
		{"leading zeros", "10.1.2.3", "010.1.2.3", false},
		{"an empty range", "10.1.2.3", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := withinRanges(tt.address, []string{tt.within}); got != tt.want {
				t.Errorf("%s within %s: %t", tt.address, tt.within, got)
			}
		})
	}
}

func FuzzRanges(f *testing.F) {
	f.Add("10.1.2.3", "10.0.0.0/8")
	f.Add("::ffff:10.1.2.3", "::ffff:10.0.0.0/104")
	f.Add("fe80::1%eth0", "fe80::/10")
	f.Add("", "/")
	f.Fuzz(func(t *testing.T, address, text string) {
		r, ok := parseRange(text)
		if withinRanges(address, []string{text}) && !ok {
			t.Errorf("%q is inside %q, which is no range", address, text)
		}
		if ok && !withinRanges(r.Addr().String(), []string{text}) {
			t.Errorf("%q does not hold its own address", text)
		}
	})
}
