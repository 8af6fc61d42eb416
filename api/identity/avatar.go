package identity

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"

	"parley/api/identity/identitydb"
	"parley/internal/fault"
	"parley/internal/objectstore"
	"parley/internal/picture"

	"github.com/google/uuid"
)

const (
	maxPictureBytes   = 1 << 20
	maxPicturesAtOnce = 2
	avatarSide        = 256
	avatarQuality     = 88
)

// SetAvatar makes data, a PNG, JPEG or WebP picture, the face of a person: its
// middle square, scaled. What is stored was encoded here, so nothing else that
// the file held is ever served.
func (s *Service) SetAvatar(ctx context.Context, userID uuid.UUID, data []byte) error {
	select {
	case s.pictures <- struct{}{}:
		defer func() { <-s.pictures }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	square, err := squareJPEG(data)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(square)
	version := hex.EncodeToString(sum[:8])
	content := objectstore.Content{Reader: bytes.NewReader(square), Size: int64(len(square))}
	if _, err := s.objects.Put(ctx, avatarKey(userID, version), content); err != nil {
		return fmt.Errorf("store avatar: %w", err)
	}
	return s.replaceAvatar(ctx, userID, &version)
}

// RemoveAvatar leaves a person with initials.
func (s *Service) RemoveAvatar(ctx context.Context, userID uuid.UUID) error {
	return s.replaceAvatar(ctx, userID, nil)
}

func (s *Service) replaceAvatar(ctx context.Context, userID uuid.UUID, version *string) error {
	old, err := s.db.SetAvatarVersion(ctx, identitydb.SetAvatarVersionParams{ID: userID, Version: version})
	if err != nil {
		return orFault(err, fault.PersonNotFound)
	}
	if old == nil || (version != nil && *old == *version) {
		return nil
	}
	if err := s.objects.Delete(ctx, avatarKey(userID, *old)); err != nil {
		s.log.Warn("old avatar not deleted", slog.Any("user", userID), slog.Any("error", err))
	}
	return nil
}

var versionPattern = regexp.MustCompile(`^[0-9a-f]{16}$`)

// Avatar opens the picture of a person, a JPEG. The caller closes it.
func (s *Service) Avatar(ctx context.Context, userID uuid.UUID, version string) (io.ReadCloser, int64, error) {
	if !versionPattern.MatchString(version) {
		return nil, 0, fault.NotFound
	}
	body, info, err := s.objects.Get(ctx, avatarKey(userID, version), 0, objectstore.Unknown)
	if errors.Is(err, objectstore.ErrNotFound) {
		return nil, 0, fault.NotFound
	}
	return body, info.Size, err
}

func avatarKey(userID uuid.UUID, version string) string {
	return "avatars/" + userID.String() + "/" + version
}

// squareJPEG answers the middle square of a picture, 256 pixels wide, upright.
func squareJPEG(data []byte) ([]byte, error) {
	if len(data) > maxPictureBytes {
		return nil, fault.TooLarge
	}
	p, err := picture.Decode(data, picture.PNG, picture.JPEG, picture.WebP)
	if err != nil {
		return nil, err
	}
	return p.Square(avatarSide, avatarQuality)
}
