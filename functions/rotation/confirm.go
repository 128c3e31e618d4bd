package rotation

import "context"

// confirm records that all clients use a version, which must be the pending or the current one. A pending version then
// becomes the current one, because no client needs an older one.
func (h handler) confirm(ctx context.Context, s *secret, id string) (outcome, error) {
	v, err := h.versions(ctx, s)
	switch {
	case err != nil:
		return "", err
	case id == "" || id != v.pending && id != v.current:
		return "", errNoVersion
	}
	if id != v.handedOver {
		if err := h.label(ctx, s, handedOver, v.handedOver, id); err != nil {
			return "", err
		}
	}
	if id == v.current {
		return confirmed, nil
	}
	return h.finish(ctx, s, id)
}
