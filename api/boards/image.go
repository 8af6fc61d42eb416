package boards

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"

	"parley/api/boards/boardsdb"
	"parley/internal/picture"
	"parley/whiteboard/scene"

	"github.com/google/uuid"
)

const (
	maxPictureBytes   = 10 << 20
	maxPicturesAtOnce = 2   // decoded
	smallSide         = 240 // of a picture in a thumbnail
	smallQuality      = 70
)

// pictured is a picture that can be kept.
type pictured struct {
	uploaded, stored []byte
	small            []byte // JPEG on white, for thumbnails
	contentType      string
	width, height    int
}

// id names the picture on boards.
func (p pictured) id() string {
	sum := sha256.Sum256(p.uploaded)
	return hex.EncodeToString(sum[:])
}

// readPicture checks what somebody uploads by decoding it: what its first bytes say decides, not its name.
func (s *Service) readPicture(ctx context.Context, data []byte) (pictured, error) {
	select {
	case s.decoding <- struct{}{}:
		defer func() { <-s.decoding }()
	case <-ctx.Done():
		return pictured{}, context.Cause(ctx)
	}
	decoded, err := picture.Decode(data, picture.PNG, picture.JPEG, picture.WebP, picture.GIF)
	if err != nil {
		return pictured{}, err
	}
	small, err := decoded.Small(smallSide, smallQuality)
	if err != nil {
		return pictured{}, err
	}
	return pictured{
		uploaded: data, stored: picture.Strip(data, decoded.Format), small: small, contentType: "image/" + decoded.Format,
		width: decoded.Width, height: decoded.Height,
	}, nil
}

// smallPictures answers the pictures of a board for its thumbnail. What cannot be had is drawn as a placeholder.
func (s *Service) smallPictures(ctx context.Context, board uuid.UUID, ids []string) map[string]scene.Picture {
	if len(ids) == 0 {
		return nil
	}
	rows, err := s.db.SmallPictures(ctx, boardsdb.SmallPicturesParams{BoardID: board, Ids: ids})
	if err != nil {
		s.log.Warn("thumbnail without pictures", slog.Any("board", board), slog.Any("error", err))
		return nil
	}
	small := make(map[string]scene.Picture, len(rows))
	for _, r := range rows {
		small[r.ID] = scene.Picture{ContentType: "image/jpeg", Data: r.Small}
	}
	return small
}

// picturesOf takes the pictures out of a drawing; the elements point at the ids under which they will be kept. What is no
// picture is left out.
func (s *Service) picturesOf(ctx context.Context, d *scene.Drawing) ([]pictured, error) {
	var list []pictured
	ids := map[string]string{}
	for id, data := range d.Files {
		if len(list) == maxFiles {
			break
		}
		if len(data) > maxPictureBytes {
			continue
		}
		p, err := s.readPicture(ctx, data)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil {
			continue
		}
		list, ids[id] = append(list, p), p.id()
	}
	d.RenameFiles(ids)
	return list, nil
}
