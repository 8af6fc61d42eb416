package scene

import (
	"hash/fnv"
	"math"
	"strings"
	"unicode"
)

// Sketch is a drawing in short, as templates are written: shapes from the back to the front, with texts in several languages.
type Sketch struct {
	Meta   map[string]any `json:"meta"`
	Shapes []Shape        `json:"shapes"`
}

// Shape is an element of a sketch. Lengths are in the units of the board.
type Shape struct {
	ID     string            `json:"id"`   // needed by arrows only
	Type   string            `json:"type"` // rectangle, diamond, ellipse, text, line or arrow
	X      float64           `json:"x"`
	Y      float64           `json:"y"`
	Width  float64           `json:"w"`
	Height float64           `json:"h"`
	Fill   string            `json:"fill"`   // Defaults to none
	Stroke string            `json:"stroke"` // Defaults to almost black
	Text   map[string]string `json:"text"`   // by language; inside the shape
	Size   float64           `json:"size"`   // of the text. Defaults to 20
	Align  string            `json:"align"`  // of the text: left or center, which is the default inside of shapes
	Top    bool              `json:"top"`    // the text begins at the top of the shape
	Dashed bool              `json:"dashed"`
	From   string            `json:"from"` // of an arrow: a shape and a side, such as "start.bottom"
	To     string            `json:"to"`
}

const (
	sketchStroke = "#1e1e1e"
	textPadding  = 8 // inside shapes
	arrowGap     = 6 // between an arrow and what it points at
)

// Draw makes elements of the sketch, with the texts in one language.
func (s *Sketch) Draw(language string) *Drawing {
	d := &drafter{language: language, places: map[string]Shape{}, elements: map[string]map[string]any{}}
	for _, shape := range s.Shapes {
		d.add(shape)
	}
	return &Drawing{Elements: d.list, Meta: s.Meta}
}

// drafter writes the elements of one drawing.
type drafter struct {
	language string
	list     []map[string]any
	places   map[string]Shape // by the id in the sketch
	elements map[string]map[string]any
}

func (d *drafter) add(s Shape) {
	switch s.Type {
	case "text":
		d.text(s, nil)
		return
	case "arrow", "line":
		d.connect(s)
		return
	}
	e := d.element(s.Type, s.X, s.Y, s.Width, s.Height)
	d.look(e, s)
	if s.Type == "rectangle" {
		e["roundness"] = map[string]any{"type": 3}
	}
	if s.ID != "" {
		d.places[s.ID], d.elements[s.ID] = s, e
	}
	if s.Text != nil {
		d.text(s, e)
	}
}

func (d *drafter) look(e map[string]any, s Shape) {
	if s.Fill != "" {
		e["backgroundColor"] = s.Fill
	}
	if s.Stroke != "" {
		e["strokeColor"] = s.Stroke
	}
	if s.Dashed {
		e["strokeStyle"] = "dashed"
	}
}

// element adds one with all fields that the editor expects; ids and seeds follow from its place in the list.
func (d *drafter) element(kind string, x, y, w, h float64) map[string]any {
	hash := fnv.New64a()
	hash.Write([]byte{byte(len(d.list)), byte(len(d.list) >> 8)})
	hash.Write([]byte(kind))
	sum := hash.Sum64()
	e := map[string]any{
		"id": "t" + strings.Map(idRune, kind) + "-" + Indexes(len(d.list) + 1)[len(d.list)], "type": kind, "x": x, "y": y, "width": w, "height": h,
		"angle": 0, "strokeColor": sketchStroke, "backgroundColor": "transparent", "fillStyle": "solid", "strokeWidth": 2,
		"strokeStyle": "solid", "roughness": 1, "opacity": 100, "groupIds": []any{}, "frameId": nil, "roundness": nil,
		"seed": int(sum & math.MaxInt32), "version": 1, "versionNonce": int(sum >> 33), "isDeleted": false, "boundElements": []any{},
		"updated": 1, "link": nil, "locked": false,
	}
	d.list = append(d.list, e)
	return e
}

func idRune(r rune) rune { return unicode.ToLower(r) }

// text adds a text, inside of a shape when there is one.
func (d *drafter) text(s Shape, container map[string]any) {
	written := s.Text[d.language]
	size := s.Size
	if size == 0 {
		size = 20
	}
	shown, align, vertical := written, s.Align, "middle"
	if container != nil {
		room := s.Width
		if s.Type == "diamond" || s.Type == "ellipse" {
			room = s.Width / math.Sqrt2
		}
		shown = wrap(written, room-2*textPadding, size)
	}
	if align == "" {
		align = "left"
		if container != nil {
			align = "center"
		}
	}
	lines := strings.Split(shown, "\n")
	height, width := float64(len(lines))*size*1.25, 0.0
	for _, line := range lines {
		width = max(width, textWidth(line, size))
	}
	x, y := s.X, s.Y
	if container != nil {
		x, y = s.X+(s.Width-width)/2, s.Y+(s.Height-height)/2
		if align == "left" {
			x = s.X + textPadding
		}
		if s.Top {
			y, vertical = s.Y+textPadding, "top"
		}
	} else {
		vertical = "top"
	}
	e := d.element("text", x, y, width, height)
	e["text"], e["originalText"], e["fontSize"], e["fontFamily"] = shown, written, size, 5
	e["textAlign"], e["verticalAlign"], e["lineHeight"], e["autoResize"], e["containerId"] = align, vertical, 1.25, true, nil
	if container == nil {
		d.look(e, Shape{Stroke: s.Stroke})
		return
	}
	e["containerId"] = container["id"]
	bind(container, "text", e)
}

// bind lets an element know what belongs to it.
func bind(to map[string]any, kind string, e map[string]any) {
	to["boundElements"] = append(to["boundElements"].([]any), map[string]any{"type": kind, "id": e["id"]})
}

// connect adds an arrow between two shapes, or a line from X, Y over Width and Height.
func (d *drafter) connect(s Shape) {
	x0, y0, x1, y1 := s.X, s.Y, s.X+s.Width, s.Y+s.Height
	from, fromSide, _ := strings.Cut(s.From, ".")
	to, toSide, _ := strings.Cut(s.To, ".")
	if s.Type == "arrow" {
		x0, y0 = side(d.places[from], fromSide)
		x1, y1 = side(d.places[to], toSide)
	}
	e := d.element(s.Type, x0, y0, math.Abs(x1-x0), math.Abs(y1-y0))
	d.look(e, s)
	e["points"] = []any{[]any{0, 0}, []any{x1 - x0, y1 - y0}}
	e["lastCommittedPoint"], e["startBinding"], e["endBinding"], e["startArrowhead"], e["endArrowhead"] = nil, nil, nil, nil, nil
	e["roundness"] = map[string]any{"type": 2}
	if s.Type == "line" {
		e["polygon"] = false
		return
	}
	e["endArrowhead"], e["elbowed"] = "arrow", false
	for field, id := range map[string]string{"startBinding": from, "endBinding": to} {
		e[field] = map[string]any{"elementId": d.elements[id]["id"], "focus": 0, "gap": arrowGap}
		bind(d.elements[id], "arrow", e)
	}
	if s.Text != nil {
		d.text(Shape{X: min(x0, x1), Y: min(y0, y1), Width: max(math.Abs(x1-x0), 90), Height: math.Abs(y1 - y0), Text: s.Text, Size: s.Size}, e)
	}
}

// side is where an arrow meets a shape.
func side(s Shape, name string) (x, y float64) {
	switch name {
	case "top":
		return s.X + s.Width/2, s.Y - arrowGap
	case "bottom":
		return s.X + s.Width/2, s.Y + s.Height + arrowGap
	case "left":
		return s.X - arrowGap, s.Y + s.Height/2
	}
	return s.X + s.Width + arrowGap, s.Y + s.Height/2
}

// wrap breaks lines that are wider than room: between words, between Chinese characters anywhere.
func wrap(s string, room, size float64) string {
	var out []string
	for line := range strings.SplitSeq(s, "\n") {
		current := ""
		for _, piece := range pieces(line) {
			if current != "" && textWidth(strings.TrimRight(current+piece, " "), size) > room {
				out, current = append(out, strings.TrimRight(current, " ")), strings.TrimLeft(piece, " ")
				continue
			}
			current += piece
		}
		out = append(out, strings.TrimRight(current, " "))
	}
	return strings.Join(out, "\n")
}

// closing may not begin a line.
const closing = "，。、；：？！）》」』”’…"

// pieces are what a line may be broken between.
func pieces(line string) []string {
	var list []string
	word := ""
	for _, r := range line {
		switch {
		case strings.ContainsRune(closing, r):
			if word == "" && len(list) > 0 {
				list[len(list)-1] += string(r)
				continue
			}
			word += string(r)
		case unicode.Is(unicode.Han, r):
			if word != "" {
				list, word = append(list, word), ""
			}
			list = append(list, string(r))
		case r == ' ':
			list, word = append(list, word+" "), ""
		default:
			word += string(r)
		}
	}
	if word != "" {
		list = append(list, word)
	}
	return list
}
