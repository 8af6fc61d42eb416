package picture

import "image"

// upright turns a picture by an Exif orientation.
func upright(in *image.RGBA, o int) *image.RGBA {
	if o <= 1 || o > 8 {
		return in
	}
	size := in.Bounds().Size()
	if o > 4 {
		size.X, size.Y = size.Y, size.X
	}
	out := image.NewRGBA(image.Rectangle{Max: size})
	right, bottom := in.Bounds().Dx()-1, in.Bounds().Dy()-1
	for y := range size.Y {
		for x := range size.X {
			// Where the pixel at x, y of the upright picture is stored.
			sx, sy := x, y
			switch o {
			case 2:
				sx = right - x
			case 3:
				sx, sy = right-x, bottom-y
			case 4:
				sy = bottom - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, bottom-x
			case 7:
				sx, sy = right-y, bottom-x
			case 8:
				sx, sy = right-y, x
			}
			out.SetRGBA(x, y, in.RGBAAt(sx, sy))
		}
	}
	return out
}
