package rotation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// The labels of versions: those of Secrets Manager, and handedOver for a version that all clients use.
const (
	pending    = "AWSPENDING"
	current    = "AWSCURRENT"
	previous   = "AWSPREVIOUS"
	handedOver = "HANDEDOVER"
)

// Secrets is the part of *secretsmanager.Client that the function uses.
type Secrets interface {
	DescribeSecret(
		context.Context, *secretsmanager.DescribeSecretInput, ...func(*secretsmanager.Options),
	) (*secretsmanager.DescribeSecretOutput, error)
	GetSecretValue(
		context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options),
	) (*secretsmanager.GetSecretValueOutput, error)
	PutSecretValue(
		context.Context, *secretsmanager.PutSecretValueInput, ...func(*secretsmanager.Options),
	) (*secretsmanager.PutSecretValueOutput, error)
	UpdateSecretVersionStage(
		context.Context, *secretsmanager.UpdateSecretVersionStageInput, ...func(*secretsmanager.Options),
	) (*secretsmanager.UpdateSecretVersionStageOutput, error)
}

// versions are the ids of the versions by label, empty for an unused label.
type versions struct {
	pending, current, previous, handedOver string
}

// versions reads all labels of a secret in one call.
func (h handler) versions(ctx context.Context, s *secret) (versions, error) {
	out, err := h.Secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &s.id})
	if err != nil {
		return versions{}, fmt.Errorf("rotation: describe %s: %w", s.name, err)
	}
	var v versions
	for id, labels := range out.VersionIdsToStages {
		for label, place := range map[string]*string{
			pending: &v.pending, current: &v.current, previous: &v.previous, handedOver: &v.handedOver,
		} {
			if slices.Contains(labels, label) {
				*place = id
			}
		}
	}
	return v, nil
}

// has reports whether a version is valid.
func (v *versions) has(id string) bool {
	return id != "" && (id == v.pending || id == v.current || id == v.previous)
}

// version is one version of a secret.
type version struct {
	text    string
	created time.Time
}

// version fetches a version; found is false for an empty one, which Secrets Manager creates before createSecret.
func (h handler) version(ctx context.Context, s *secret, id string) (v version, found bool, err error) {
	out, err := h.Secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &s.id, VersionId: &id})
	var missing *types.ResourceNotFoundException
	switch {
	case errors.As(err, &missing):
		return version{}, false, nil
	case err != nil:
		return version{}, false, fmt.Errorf("rotation: fetch a version of %s: %w", s.name, err)
	case out.SecretString == nil || out.CreatedDate == nil:
		return version{}, false, nil
	}
	return version{*out.SecretString, *out.CreatedDate}, true, nil
}

// filled fetches a version that must not be empty.
func (h handler) filled(ctx context.Context, s *secret, id string) (version, error) {
	found, there, err := h.version(ctx, s, id)
	if err == nil && !there {
		err = errNoText
	}
	return found, err
}

// label moves a label from a version, if any, to another.
func (h handler) label(ctx context.Context, s *secret, label, from, to string) error {
	in := &secretsmanager.UpdateSecretVersionStageInput{SecretId: &s.id, VersionStage: &label, MoveToVersionId: &to}
	if from != "" {
		in.RemoveFromVersionId = &from
	}
	if _, err := h.Secrets.UpdateSecretVersionStage(ctx, in); err != nil {
		return fmt.Errorf("rotation: label a version of %s %s: %w", s.name, label, err)
	}
	return nil
}
