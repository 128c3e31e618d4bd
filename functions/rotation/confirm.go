package rotation

import "context"

// confirm notes that all clients have a version, which must be the pending or the current one. A pending one becomes the
// current one with that: nobody holds anything older.
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
