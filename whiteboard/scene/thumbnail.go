package scene

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Size of a thumbnail in pixels.
const (
	thumbnailWidth  = 480
	thumbnailHeight = 300
)

const (
	thumbnailMargin  = 12        // pixels around what is drawn
	maxThumbnail     = 256 << 10 // bytes, after which no element is added
	maxPainted       = 1200      // elements; of more the largest
	maxScale         = 1         // a single small note is not blown up
	smallestShape    = 0.6       // pixels; what is smaller is left out
	smallestText     = 3.2       // pixels of type; smaller text is drawn as bars
	maxRunesInLine   = 200
	maxLinesInText   = 60
	maxTotalPictures = 160 << 10 // bytes of pictures in a thumbnail
)

// Picture is a picture to be drawn in place of an image element, small.
type Picture struct {
	ContentType string
	Data        []byte
}

// Thumbnail draws the board in small as SVG: shapes as they are without the hand-drawn look, text that is too small to be read as
// bars, pictures that are not among files as placeholders. It holds no script and refers to nothing outside.
func (s *Scene) Thumbnail(files map[string]Picture) []byte {
	p := &painter{files: files, arrows: map[string]bool{}}
	for _, e := range s.Elements {
		p.arrows[e.ID] = e.Type == "arrow"
	}
	p.paper = colour(s.Background, "#ffffff")
	p.fit(s.Elements)
	fmt.Fprintf(&p.out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d">`,
		thumbnailWidth, thumbnailHeight, thumbnailWidth, thumbnailHeight)
	fmt.Fprintf(&p.out, `<rect width="100%%" height="100%%" fill="%s"/>`, p.paper)
	fmt.Fprintf(&p.out, `<g transform="translate(%s %s) scale(%s)" stroke-linecap="round" stroke-linejoin="round" font-family="Xiaolai, 'Comic Sans MS', system-ui, sans-serif">`,
		num(p.left), num(p.top), strconv.FormatFloat(p.scale, 'g', 5, 64))
	for _, e := range largest(s.Elements) {
		if p.out.Len() > maxThumbnail {
			break
		}
		p.paint(e)
	}
	p.out.WriteString("</g></svg>")
	return p.out.Bytes()
}

// largest leaves out the smallest elements when there are too many.
func largest(elements []Element) []Element {
	if len(elements) <= maxPainted {
		return elements
	}
	order := make([]int, len(elements))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(elements[b].size(), elements[a].size()) })
	order = order[:maxPainted]
	slices.Sort(order)
	list := make([]Element, maxPainted)
	for i, at := range order {
		list[i] = elements[at]
	}
	return list
}

// size is the longer side of the box.
func (e Element) size() float64 {
	x0, y0, x1, y1 := e.box()
	return max(x1-x0, y1-y0)
}

// painter writes the elements of one thumbnail.
type painter struct {
	out       bytes.Buffer
	files     map[string]Picture
	arrows    map[string]bool
	paper     string // its colour
	pictured  int    // bytes of pictures so far
	scale     float64
	left, top float64
}

// fit finds how far to shrink and where to put what is drawn.
func (p *painter) fit(elements []Element) {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, e := range elements {
		ax, ay, bx, by := e.bounds()
		x0, y0, x1, y1 = min(x0, ax), min(y0, ay), max(x1, bx), max(y1, by)
	}
	if len(elements) == 0 {
		x0, y0, x1, y1 = 0, 0, 1, 1
	}
	p.scale = min(maxScale, (thumbnailWidth-2*thumbnailMargin)/max(x1-x0, 1), (thumbnailHeight-2*thumbnailMargin)/max(y1-y0, 1))
	p.left = thumbnailWidth/2 - p.scale*(x0+x1)/2
	p.top = thumbnailHeight/2 - p.scale*(y0+y1)/2
}

// bounds are the corners of the box around an element, turned as it is.
func (e Element) bounds() (x0, y0, x1, y1 float64) {
	x0, y0, x1, y1 = e.box()
	if e.Angle == 0 {
		return x0, y0, x1, y1
	}
	cx, cy, sin, cos := (x0+x1)/2, (y0+y1)/2, math.Abs(math.Sin(e.Angle)), math.Abs(math.Cos(e.Angle))
	w, h := (x1-x0)*cos+(y1-y0)*sin, (x1-x0)*sin+(y1-y0)*cos
	return cx - w/2, cy - h/2, cx + w/2, cy + h/2
}

// box is the box before it is turned. Points may lie on any side of X, Y.
func (e Element) box() (x0, y0, x1, y1 float64) {
	if len(e.Points) == 0 {
		return min(e.X, e.X+e.Width), min(e.Y, e.Y+e.Height), max(e.X, e.X+e.Width), max(e.Y, e.Y+e.Height)
	}
	x0, y0, x1, y1 = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, q := range e.Points {
		x0, y0, x1, y1 = min(x0, e.X+q[0]), min(y0, e.Y+q[1]), max(x1, e.X+q[0]), max(y1, e.Y+q[1])
	}
	return x0, y0, x1, y1
}

func (p *painter) paint(e Element) {
	x0, y0, x1, y1 := e.box()
	if max(x1-x0, y1-y0)*p.scale < smallestShape || e.Opacity <= 0 {
		return
	}
	attributes := ""
	if e.Opacity < 100 {
		attributes += fmt.Sprintf(` opacity="%s"`, num(e.Opacity/100))
	}
	if e.Angle != 0 {
		attributes += fmt.Sprintf(` transform="rotate(%s %s %s)"`, num(e.Angle*180/math.Pi), num((x0+x1)/2), num((y0+y1)/2))
	}
	if attributes != "" {
		fmt.Fprintf(&p.out, "<g%s>", attributes)
		defer p.out.WriteString("</g>")
	}
	switch e.Type {
	case "rectangle", "embeddable", "iframe":
		p.rectangle(e, x0, y0, x1-x0, y1-y0)
	case "diamond":
		cx, cy := (x0+x1)/2, (y0+y1)/2
		p.path(e, [][2]float64{{cx, y0}, {x1, cy}, {cx, y1}, {x0, cy}}, true)
	case "ellipse":
		fmt.Fprintf(&p.out, `<ellipse cx="%s" cy="%s" rx="%s" ry="%s"%s/>`, num((x0+x1)/2), num((y0+y1)/2), num((x1-x0)/2), num((y1-y0)/2), p.look(e))
	case "line", "arrow", "freedraw":
		p.line(e)
	case "text":
		p.text(e, x0, y0, x1, y1)
	case "frame", "magicframe":
		fmt.Fprintf(&p.out, `<rect x="%s" y="%s" width="%s" height="%s" rx="8" fill="none" stroke="#bbbbbb" stroke-width="%s"/>`,
			num(x0), num(y0), num(x1-x0), num(y1-y0), p.width(1))
	case "image":
		p.image(e, x0, y0, x1-x0, y1-y0)
	}
}

func (p *painter) rectangle(e Element, x, y, w, h float64) {
	round := ""
	if e.Rounded {
		round = fmt.Sprintf(` rx="%s"`, num(min(32, min(w, h)/4)))
	}
	fmt.Fprintf(&p.out, `<rect x="%s" y="%s" width="%s" height="%s"%s%s/>`, num(x), num(y), num(w), num(h), round, p.look(e))
}

// look is how a closed shape is filled and outlined. Hatching becomes a lighter fill.
func (p *painter) look(e Element) string {
	fill := colour(e.Background, "none")
	opacity := ""
	if fill != "none" && e.FillStyle != "solid" {
		opacity = ` fill-opacity="0.5"`
	}
	return fmt.Sprintf(` fill="%s"%s%s`, fill, opacity, p.outline(e))
}

func (p *painter) outline(e Element) string {
	dash := ""
	switch e.StrokeDash {
	case "dashed":
		dash = fmt.Sprintf(` stroke-dasharray="%s %s"`, num(8+e.StrokeWidth), num(8+e.StrokeWidth))
	case "dotted":
		dash = fmt.Sprintf(` stroke-dasharray="0.1 %s"`, num(5+e.StrokeWidth))
	}
	return fmt.Sprintf(` stroke="%s" stroke-width="%s"%s`, colour(e.Stroke, "none"), p.width(e.StrokeWidth), dash)
}

// width is that of a line, which can still be seen.
func (p *painter) width(units float64) string {
	return num(min(max(units, 0.7/p.scale), max(64, 0.7/p.scale)))
}

// points are those of a line on the board, without what falls on the same pixel.
func (p *painter) points(e Element) [][2]float64 {
	list := make([][2]float64, 0, len(e.Points))
	for i, q := range e.Points {
		q = [2]float64{e.X + q[0], e.Y + q[1]}
		if n := len(list); n > 0 && i < len(e.Points)-1 && math.Hypot(q[0]-list[n-1][0], q[1]-list[n-1][1])*p.scale < 1 {
			continue
		}
		list = append(list, q)
	}
	return list
}

func (p *painter) line(e Element) {
	points := p.points(e)
	if len(points) < 2 {
		return
	}
	if e.Type == "freedraw" {
		e.StrokeWidth *= 2 // the editor draws strokes as outlines of about that width
		e.StrokeDash = ""
	}
	first, last := e.Points[0], e.Points[len(e.Points)-1]
	closed := e.Type == "line" && len(points) > 3 && math.Hypot(first[0]-last[0], first[1]-last[1]) < 8
	p.path(e, points, closed)
	if e.Type == "arrow" {
		n := len(points)
		p.head(e, e.EndHead, points[n-2], points[n-1])
		p.head(e, e.StartHead, points[1], points[0])
	}
}

// path draws through points, round where the element is.
func (p *painter) path(e Element, points [][2]float64, closed bool) {
	var d strings.Builder
	fmt.Fprintf(&d, "M%s %s", num(points[0][0]), num(points[0][1]))
	curved := e.Type == "freedraw" || e.Rounded && e.Type != "diamond"
	for i := 1; i < len(points); i++ {
		q := points[i]
		if curved && i < len(points)-1 {
			next := points[i+1]
			fmt.Fprintf(&d, "Q%s %s %s %s", num(q[0]), num(q[1]), num((q[0]+next[0])/2), num((q[1]+next[1])/2))
			continue
		}
		fmt.Fprintf(&d, "L%s %s", num(q[0]), num(q[1]))
	}
	if closed {
		d.WriteString("Z")
		fmt.Fprintf(&p.out, `<path d="%s"%s/>`, d.String(), p.look(e))
		return
	}
	fmt.Fprintf(&p.out, `<path d="%s" fill="none"%s/>`, d.String(), p.outline(e))
}

// head draws the end of an arrow at to, which comes from.
func (p *painter) head(e Element, kind string, from, to [2]float64) {
	length := math.Hypot(to[0]-from[0], to[1]-from[1])
	if kind == "" || length == 0 {
		return
	}
	size := min(max(12+3*e.StrokeWidth, 5/p.scale), length)
	ux, uy := (to[0]-from[0])/length, (to[1]-from[1])/length
	switch kind {
	case "dot", "circle", "circle_outline":
		fmt.Fprintf(&p.out, `<circle cx="%s" cy="%s" r="%s" fill="%s"/>`, num(to[0]-ux*size/3), num(to[1]-uy*size/3), num(size/3), colour(e.Stroke, "none"))
		return
	case "bar":
		size /= 2
		p.path(Element{Stroke: e.Stroke, StrokeWidth: e.StrokeWidth}, [][2]float64{{to[0] - uy*size, to[1] + ux*size}, {to[0] + uy*size, to[1] - ux*size}}, false)
		return
	}
	const spread = 0.42 // half the width of a head by its length
	wing := func(side float64) [2]float64 {
		return [2]float64{to[0] - ux*size - side*uy*size*spread, to[1] - uy*size + side*ux*size*spread}
	}
	flat := Element{Stroke: e.Stroke, StrokeWidth: e.StrokeWidth}
	if kind != "arrow" {
		flat.Background, flat.FillStyle = e.Stroke, "solid"
	}
	p.path(flat, [][2]float64{wing(1), to, wing(-1)}, kind != "arrow")
}

func (p *painter) text(e Element, x0, y0, x1, y1 float64) {
	size := min(max(e.FontSize, 1), 1000)
	height := size * min(max(e.LineHeight, 0.5), 4)
	x, anchor := x0, "start"
	switch e.TextAlign {
	case "center":
		x, anchor = (x0+x1)/2, "middle"
	case "right":
		x, anchor = x1, "end"
	}
	lines := strings.Split(e.Text, "\n")
	if len(lines) > maxLinesInText {
		lines = lines[:maxLinesInText]
	}
	fill := colour(e.Stroke, "#1e1e1e")
	if size*p.scale < smallestText {
		p.bars(lines, fill, x, anchor, y0, size, height)
		return
	}
	halo := ""
	if p.arrows[e.ContainerID] { // a label interrupts its arrow
		halo = fmt.Sprintf(` stroke="%s" stroke-width="8" paint-order="stroke"`, p.paper)
	}
	fmt.Fprintf(&p.out, `<text font-size="%s" text-anchor="%s" fill="%s"%s>`, num(size), anchor, fill, halo)
	for i, line := range lines {
		if line = strings.TrimRight(line, " \r\t"); line != "" {
			fmt.Fprintf(&p.out, `<tspan x="%s" y="%s">%s</tspan>`, num(x), num(y0+float64(i)*height+height/2+size*0.35), escape(line))
		}
	}
	p.out.WriteString("</text>")
}

// bars stand for lines that cannot be read at this size.
func (p *painter) bars(lines []string, fill string, x float64, anchor string, y, size, height float64) {
	for i, line := range lines {
		width := textWidth(line, size)
		if width == 0 {
			continue
		}
		left := x
		switch anchor {
		case "middle":
			left -= width / 2
		case "end":
			left -= width
		}
		fmt.Fprintf(&p.out, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s" fill-opacity="0.45"/>`,
			num(left), num(y+float64(i)*height+(height-size*0.5)/2), num(width), num(size*0.5), fill)
	}
}

// textWidth is about how wide a line is: Chinese characters are square, others about half as wide.
func textWidth(line string, size float64) float64 {
	units := 0.0
	for i, r := range []rune(line) {
		if i == maxRunesInLine {
			break
		}
		if r > 0x2e7f {
			units++
		} else {
			units += 0.55
		}
	}
	return units * size
}

func (p *painter) image(e Element, x, y, w, h float64) {
	file, ok := p.files[e.FileID]
	if !ok || p.pictured+len(file.Data) > maxTotalPictures || !picturesShown[file.ContentType] {
		fmt.Fprintf(&p.out, `<rect x="%s" y="%s" width="%s" height="%s" fill="#eceff3" stroke="#c6ccd6" stroke-width="%s"/>`, num(x), num(y), num(w), num(h), p.width(1))
		at := func(fx, fy float64) string { return num(x+fx*w) + " " + num(y+fy*h) }
		fmt.Fprintf(&p.out, `<path d="M%sL%sL%sL%sL%sZ" fill="#c6ccd6"/>`, at(.15, .8), at(.4, .4), at(.58, .65), at(.7, .5), at(.88, .8))
		return
	}
	p.pictured += len(file.Data)
	fmt.Fprintf(&p.out, `<image x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none" href="data:%s;base64,%s"/>`,
		num(x), num(y), num(w), num(h), file.ContentType, base64.StdEncoding.EncodeToString(file.Data))
}

// picturesShown are the types that may be inside a thumbnail.
var picturesShown = map[string]bool{"image/jpeg": true, "image/png": true}

var (
	hexColour   = regexp.MustCompile(`^#[0-9a-fA-F]{3,8}$`)
	namedColour = regexp.MustCompile(`^[a-zA-Z]{3,24}$`)
)

// colour lets through what is one, and nothing else.
func colour(s, otherwise string) string {
	switch {
	case s == "transparent":
		return "none"
	case hexColour.MatchString(s), namedColour.MatchString(s):
		return s
	}
	return otherwise
}

// num writes a number with as many digits as can be seen.
func num(f float64) string {
	s := strconv.FormatFloat(f, 'f', 1, 64)
	return strings.TrimSuffix(s, ".0")
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

// escape makes text of a line, without what XML cannot hold.
func escape(line string) string {
	runes := []rune(line)
	line = string(runes[:min(len(runes), maxRunesInLine)])
	return escaper.Replace(strings.Map(func(r rune) rune {
		if r == '\t' {
			return ' '
		}
		if unicode.IsControl(r) || r == 0xfffe || r == 0xffff || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, line))
}
