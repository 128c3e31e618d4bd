package rotation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"postern/shared/secrets"
)

// Why a step cannot be done. Trying again does not help before somebody has looked.
var (
	errNoVersion = errors.New("rotation: the secret has no such version, or it has left it behind")
	errNoText    = errors.New("rotation: the version has no text")
)

// Settled is the age at which a version is known wherever callers are let in, however the clocks go.
const Settled = secrets.OverdueAfter + time.Minute

// step is one of the four that Secrets Manager asks for (Rotation by Lambda function), for the version with an id.
type step func(handler, context.Context, *secret, string) (outcome, error)

var steps = map[string]step{
	"createSecret": handler.create,
	"setSecret":    handler.announce,
	"testSecret":   handler.test,
	"finishSecret": handler.finish,
}

// create gives the version a fresh text, unless it has one. Secrets Manager takes only one text for an id, so of two
// creations at once the second changes nothing.
func (h handler) create(ctx context.Context, s *secret, id string) (outcome, error) {
	v, err := h.versions(ctx, s)
	if err != nil || id == v.current {
		return done, err
	}
	if _, found, err := h.version(ctx, s, id); err != nil || found {
		return done, err
	}
	text, err := s.fresh(h.Random)
	if err != nil {
		return "", err
	}
	_, err = h.Secrets.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: &s.id, ClientRequestToken: &id, SecretString: &text, VersionStages: []string{pending},
	})
	var exists *types.ResourceExistsException
	switch {
	case errors.As(err, &exists):
		return done, nil
	case err != nil:
		return "", fmt.Errorf("rotation: put a version of %s: %w", s.name, err)
	}
	return made, nil
}

// announce tells that there is a new version, and when it may and when it will be used. There is no other place where it had
// to be set: clients read files.
func (h handler) announce(ctx context.Context, s *secret, id string) (outcome, error) {
	return h.whilePending(ctx, s, id, func(_ *versions, found version) (outcome, error) {
		turns := found.made.Add(h.HandOver).UTC()
		return announced, h.tell(ctx, s, notice{
			Phase: "pending", VersionID: id, UseFrom: found.made.Add(Settled).UTC(), CurrentFrom: &turns,
		})
	})
}

// test fetches the secret as the families do, and tries that they let in who signs with the version, and who signs with the
// current one.
func (h handler) test(ctx context.Context, s *secret, id string) (outcome, error) {
	v, err := h.versions(ctx, s)
	if err != nil {
		return "", err
	}
	switch {
	case !v.has(id):
		return "", errNoVersion
	case v.current == "":
		return tested, nil // the first version: nobody has asked for anything yet
	}
	source, err := secrets.New(ctx, h.Secrets, s.id, s.kind.StoredKey, secrets.Options{Now: h.Now})
	if err != nil {
		return "", err
	}
	for _, holder := range []string{id, v.current} {
		found, err := h.filled(ctx, s, holder)
		if err != nil {
			return "", err
		}
		request, err := s.signed(found.text, h.Now())
		if err != nil {
			return "", err
		}
		if err := s.verifier(source, h.Now).Authenticate(ctx, request); err != nil {
			return "", fmt.Errorf("rotation: version %s of %s does not let its holder in: %w", holder, s.name, err)
		}
	}
	return tested, nil
}

// finish makes the version the current one if it may be. One that may not stays pending, and Secrets Manager takes its
// rotation for one that is still going on; the schedule asks again.
func (h handler) finish(ctx context.Context, s *secret, id string) (outcome, error) {
	return h.whilePending(ctx, s, id, func(v *versions, found version) (outcome, error) {
		verdict := v.judge(found.made, h.Now(), h.HandOver)
		if verdict != turned {
			return verdict, nil
		}
		if _, err := h.test(ctx, s, id); err != nil {
			return "", err
		}
		if err := h.tell(ctx, s, notice{Phase: "current", VersionID: id, UseFrom: h.Now().UTC()}); err != nil {
			return "", err
		}
		return turned, h.label(ctx, s, current, v.current, id)
	})
}

// whilePending does something with the pending version, which the id must name. Where that is the current one by now, all is
// done, so a step may be repeated.
func (h handler) whilePending(
	ctx context.Context, s *secret, id string, do func(*versions, version) (outcome, error),
) (outcome, error) {
	v, err := h.versions(ctx, s)
	switch {
	case err != nil:
		return "", err
	case id == v.current:
		return done, nil
	case id != v.pending:
		return "", errNoVersion
	}
	found, err := h.filled(ctx, s, id)
	if err != nil {
		return "", err
	}
	return do(&v, found)
}
