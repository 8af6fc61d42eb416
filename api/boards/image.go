package boards

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/color"
	"image/jpeg"
	"log/slog"

	"parley/api/boards/boardsdb"
	"parley/internal/fault"
	"parley/internal/picture"
	"parley/whiteboard/scene"

	_ "image/gif" // pictures that people bring
	_ "image/png" // pictures that people bring

	"github.com/google/uuid"
	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // pictures that people bring
)

const (
	maxPictureBytes   = 10 << 20
	maxPictureSide    = 8192
	maxPicturePixels  = 16 << 20 // 64 MiB when decoded
	maxPicturesAtOnce = 2
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

// decoding bounds how many pictures are decoded at once, in all of the process.
var decoding = make(chan struct{}, maxPicturesAtOnce)

// readPicture checks what somebody uploads by decoding it: what its first bytes say decides, not its name.
func readPicture(data []byte) (pictured, error) {
	head, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return pictured{}, fault.ImageInvalid.Wrap(err)
	}
	if head.Width < 1 || head.Height < 1 || head.Width > maxPictureSide || head.Height > maxPictureSide || head.Width*head.Height > maxPicturePixels {
		return pictured{}, fault.ImageInvalid.With(map[string]any{"maxSide": maxPictureSide, "maxPixels": maxPicturePixels})
	}
	decoding <- struct{}{}
	defer func() { <-decoding }()
	decoded, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return pictured{}, fault.ImageInvalid.Wrap(err)
	}
	small, err := smallJPEG(decoded)
	if err != nil {
		return pictured{}, fault.ImageInvalid.Wrap(err)
	}
	p := pictured{
		uploaded: data, stored: picture.Strip(data, format), small: small, contentType: "image/" + format, width: head.Width, height: head.Height,
	}
	if format == "jpeg" && picture.Orientation(data) > 4 {
		p.width, p.height = p.height, p.width
	}
	return p, nil
}

func smallJPEG(decoded image.Image) ([]byte, error) {
	b := decoded.Bounds()
	scale := min(1, smallSide/float64(max(b.Dx(), b.Dy())))
	small := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(b.Dx())*scale)), max(1, int(float64(b.Dy())*scale))))
	draw.Draw(small, small.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(small, small.Bounds(), decoded, b, draw.Over, nil)
	var out bytes.Buffer
	err := jpeg.Encode(&out, small, &jpeg.Options{Quality: smallQuality})
	return out.Bytes(), err
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
func picturesOf(d *scene.Drawing) []pictured {
	var list []pictured
	ids := map[string]string{}
	for id, data := range d.Files {
		p, err := readPicture(data)
		if err != nil || len(data) > maxPictureBytes || len(list) == maxFiles {
			continue
		}
		list, ids[id] = append(list, p), p.id()
	}
	d.RenameFiles(ids)
	return list
}
