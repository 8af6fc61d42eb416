package identity

import "image"

// upright turns a square picture by an Exif orientation.
func upright(in *image.RGBA, o int) *image.RGBA {
	if o <= 1 || o > 8 {
		return in
	}
	out := image.NewRGBA(in.Bounds())
	last := in.Bounds().Dx() - 1
	for y := 0; y <= last; y++ {
		for x := 0; x <= last; x++ {
			// Where the pixel at x, y of the upright picture is stored.
			sx, sy := x, y
			switch o {
			case 2:
				sx = last - x
			case 3:
				sx, sy = last-x, last-y
			case 4:
				sy = last - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, last-x
			case 7:
				sx, sy = last-y, last-x
			case 8:
				sx, sy = last-y, x
			}
			out.SetRGBA(x, y, in.RGBAAt(sx, sy))
		}
	}
	return out
}
