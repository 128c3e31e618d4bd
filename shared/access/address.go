package access

import "net/netip"

// addressAllowed holds the client's address against the lists of all namespaces above the container. A call that
// does not tell the address passes: the one before it did.
func (q *question) addressAllowed() bool {
	if q.CheckIP == "" || !q.Instance.Licensed() {
		return true
	}
	chain := q.chain()
	for i := range chain {
		if ranges := chain[i].IPRanges; len(ranges) > 0 && !withinRanges(q.CheckIP, ranges) {
			return false
		}
	}
	return true
}

// withinRanges reports whether an address lies in one of the ranges, each a CIDR or a single address. What does not
// parse is nowhere.
func withinRanges(address string, ranges []string) bool {
	client, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	client = client.Unmap().WithZone("")
	for _, text := range ranges {
		if r, ok := parseRange(text); ok && r.Contains(client) {
			return true
		}
	}
	return false
}

// parseRange reads a CIDR or a single address. An IPv4 range that is written as an IPv6 one becomes what it stands
// for.
func parseRange(text string) (netip.Prefix, bool) {
	if single, err := netip.ParseAddr(text); err == nil {
		single = single.Unmap().WithZone("")
		return netip.PrefixFrom(single, single.BitLen()), true
	}
	r, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, false
	}
	if mapped := 96; r.Addr().Is4In6() && r.Bits() >= mapped {
		r = netip.PrefixFrom(r.Addr().Unmap(), r.Bits()-mapped)
	}
	return r, true
}
