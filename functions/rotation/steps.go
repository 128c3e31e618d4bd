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

// Reasons to reject a step. A retry cannot succeed.
var (
	errNoVersion = errors.New("rotation: the secret has no such version, or the version is outdated")
	errNoText    = errors.New("rotation: the version is empty")
)

// Settled is the age at which every function knows a version, with a margin for clocks.
const Settled = secrets.OverdueAfter + time.Minute

// step is one of the steps of Secrets Manager (Rotation by Lambda function), for the version with an id.
type step func(handler, context.Context, *secret, string) (outcome, error)

var steps = map[string]step{
	"createSecret": handler.create,
	"setSecret":    handler.announce,
	"testSecret":   handler.test,
	"finishSecret": handler.finish,
}

// create creates the version's secret unless it exists. Secrets Manager accepts only one value for an id, so a concurrent
// second creation changes nothing.
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
		return "", fmt.Errorf("rotation: store a version of %s: %w", s.name, err)
	}
	return made, nil
}

// announce publishes the new version with its times. Nothing else needs the new value, because clients read files.
func (h handler) announce(ctx context.Context, s *secret, id string) (outcome, error) {
	return h.whilePending(ctx, s, id, func(_ *versions, found version) (outcome, error) {
		turns := found.created.Add(h.HandOver).UTC()
		return announced, h.publish(ctx, s, notice{
			Phase: "pending", VersionID: id, UseFrom: found.created.Add(Settled).UTC(), CurrentFrom: &turns,
		})
	})
}

// test fetches the secret like the families and verifies that they accept the version and the current one.
func (h handler) test(ctx context.Context, s *secret, id string) (outcome, error) {
	v, err := h.versions(ctx, s)
	if err != nil {
		return "", err
	}
	switch {
	case !v.has(id):
		return "", errNoVersion
	case v.current == "":
		return tested, nil // the first version has no clients yet
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
			return "", fmt.Errorf("rotation: version %s of %s is rejected: %w", holder, s.name, err)
		}
	}
	return tested, nil
}

// finish activates the version if it may become the current one. Otherwise it stays pending, so that Secrets Manager
// considers the rotation unfinished, and the schedule tries again.
func (h handler) finish(ctx context.Context, s *secret, id string) (outcome, error) {
	return h.whilePending(ctx, s, id, func(v *versions, found version) (outcome, error) {
		verdict := v.decide(found.created, h.Now(), h.HandOver)
		if verdict != turned {
			return verdict, nil
		}
		if _, err := h.test(ctx, s, id); err != nil {
			return "", err
		}
		if err := h.publish(ctx, s, notice{Phase: "current", VersionID: id, UseFrom: h.Now().UTC()}); err != nil {
			return "", err
		}
		return turned, h.label(ctx, s, current, v.current, id)
	})
}

// whilePending performs a step with the pending version. If the version is already the current one, it returns done, so
// that steps can be repeated.
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
