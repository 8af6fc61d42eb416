package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"slices"

	"parley/internal/fault"

	_ "image/gif" // a format of pictures that people bring
	_ "image/png" // a format of pictures that people bring

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // a format of pictures that people bring
)

// Formats of pictures, as package image names them.
const (
	JPEG = "jpeg"
	PNG  = "png"
	WebP = "webp"
	GIF  = "gif" // the first picture of it
)

const (
	maxSide   = 8192
	maxPixels = 16 << 20 // 64 MiB when decoded
)

// Picture is a picture that was decoded.
type Picture struct {
	Format        string
	Width, Height int // upright

	stored      image.Image
	orientation int
}

// Decode decodes a file of one of some formats, which its first bytes tell, no larger than 8192 pixels a side and 16 million
// in all. It takes some 64 MiB of memory: the caller bounds how many are decoded at once. The error is a fault.
func Decode(data []byte, formats ...string) (*Picture, error) {
	head, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fault.ImageInvalid.Wrap(err)
	}
	if !slices.Contains(formats, format) {
		return nil, fault.ImageInvalid.Wrap(fmt.Errorf("%s is not asked for", format))
	}
	if head.Width < 1 || head.Height < 1 || head.Width > maxSide || head.Height > maxSide || head.Width*head.Height > maxPixels {
		return nil, fault.ImageInvalid.With(map[string]any{"maxSide": maxSide, "maxPixels": maxPixels})
	}
	stored, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fault.ImageInvalid.Wrap(err)
	}
	p := &Picture{Format: format, Width: head.Width, Height: head.Height, stored: stored, orientation: 1}
	if format == JPEG {
		p.orientation = Orientation(data)
	}
	if p.orientation > 4 {
		p.Width, p.Height = p.Height, p.Width
	}
	return p, nil
}

// Square answers the middle square as a JPEG, side pixels wide, on white, upright. quality is that of package image/jpeg.
func (p *Picture) Square(side, quality int) ([]byte, error) {
	b := p.stored.Bounds()
	edge := min(b.Dx(), b.Dy())
	corner := b.Min.Add(image.Pt((b.Dx()-edge)/2, (b.Dy()-edge)/2))
	part := image.Rectangle{corner, corner.Add(image.Pt(edge, edge))}
	return p.jpeg(part, image.Pt(side, side), draw.CatmullRom, quality)
}

// Small answers the whole as a JPEG of at most side pixels a side, never larger than it is, on white, upright. quality is
// that of package image/jpeg.
func (p *Picture) Small(side, quality int) ([]byte, error) {
	b := p.stored.Bounds()
	scale := min(1, float64(side)/float64(max(b.Dx(), b.Dy())))
	size := image.Pt(max(1, int(float64(b.Dx())*scale)), max(1, int(float64(b.Dy())*scale)))
	return p.jpeg(b, size, draw.ApproxBiLinear, quality)
}

func (p *Picture) jpeg(part image.Rectangle, size image.Point, scaler draw.Scaler, quality int) ([]byte, error) {
	scaled := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(scaled, scaled.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	scaler.Scale(scaled, scaled.Bounds(), p.stored, part, draw.Over, nil)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, upright(scaled, p.orientation), &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("encode picture: %w", err)
	}
	return out.Bytes(), nil
}
