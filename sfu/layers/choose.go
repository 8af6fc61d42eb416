package layers

import (
	"cmp"
	"slices"
)

// None stands for no layer.
const None = -1

// Rules of the choice.
const (
	// enlarge is how much a layer's picture may be enlarged before the next layer is wanted; shrink is the same for giving
	// up a larger layer that flows, so that a tile whose size wavers does not switch back and forth.
	enlarge = 1.25
	shrink  = 1.10
	// reserve is the share of the budget that more than before must leave free: an estimate that wavers by 5 % does not
	// switch back and forth either.
	reserve = 0.11
	// shareFloor is what must be there for a shared screen to be sent, however much it takes: its pages come slowly then,
	// which is better than none.
	shareFloor = 80_000
)

// Layer is one layer of a video.
type Layer struct {
	// Height and Width are the picture's, 0 when not known yet.
	Width, Height int
	// BitsPerSecond is its measured rate, 0 when not known.
	BitsPerSecond int
	// Flows tells whether packets come in, or will when they are asked for.
	Flows bool
	// Temporal gives the rates of its frames up to each temporal layer but the last one; empty when it has only one.
	Temporal [MaxTemporal - 1]int
}

// MaxTemporal bounds the temporal layers of a layer.
const MaxTemporal = 4

// MaxLayers bounds the layers of a video.
const MaxLayers = 8

// Video is a subscribed video and how it is shown.
type Video struct {
	Layers []Layer // the smallest first
	// Width and Height are those of the tile in device pixels; 0 by 0 when it is not visible.
	Width, Height int
	Pinned        bool
	Speaks        bool
	Share         bool
	// Current is the layer that was chosen before, or None, and CurrentSkip what was left out of it.
	Current     int
	CurrentSkip int
}

// Reason says why nothing is sent.
type Reason int

// The reasons.
const (
	Sent Reason = iota
	Hidden
	Bandwidth
	NoLayer // the publisher sends nothing
)

// Choice is what one video gets: a layer, or None for a reason.
type Choice struct {
	Layer  int
	Reason Reason
	// Skip is how many of the layer's highest temporal layers are left out.
	Skip int
}

// Choose decides for all videos of a subscriber within a budget in bits per second. Choices are in the order of videos.
// The budget is kept but for a shared screen that is sent when it is short, slowly.
func Choose(videos []Video, budget int) []Choice {
	a := allocation{
		videos: videos, wanted: make([]int, len(videos)), choices: make([]Choice, len(videos)),
		left: budget, reserve: int(float64(budget) * reserve),
	}
	order := make([]int, 0, len(videos))
	for i := range videos {
		v := &videos[i]
		a.wanted[i] = v.wanted()
		switch {
		case v.Width <= 0 || v.Height <= 0:
			a.choices[i] = Choice{Layer: None, Reason: Hidden}
		case a.wanted[i] == None:
			a.choices[i] = Choice{Layer: None, Reason: NoLayer}
		default:
			a.choices[i] = Choice{Layer: None, Reason: Bandwidth}
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(x, y int) int { return compare(&videos[x], &videos[y]) })
	for _, i := range order {
		switch v := &videos[i]; {
		case v.Share:
			a.share(i)
		case v.Pinned || v.Speaks:
			a.begin(i)
			a.raise(i, 1)
		default:
			a.begin(i)
		}
	}
	for _, steps := range []int{0, MaxLayers} {
		for _, i := range order {
			if !videos[i].Share {
				a.raise(i, steps)
			}
		}
	}
	return a.choices
}

// Demand returns the bits per second with which every video that is shown would get the layer that it wants.
func Demand(videos []Video) int {
	sum := 0
	for i := range videos {
		v := &videos[i]
		if w := v.wanted(); w != None && v.Width > 0 && v.Height > 0 {
			sum += v.cost(w, 0)
		}
	}
	return int(float64(sum) / (1 - reserve - 0.01))
}

// compare orders videos by what they matter.
func compare(a, b *Video) int {
	rank := func(v *Video) int {
		switch {
		case v.Share:
			return 0
		case v.Pinned:
			return 1
		case v.Speaks:
			return 2
		}
		return 3
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Width*b.Height, a.Width*a.Height))
}

type allocation struct {
	videos  []Video
	wanted  []int
	choices []Choice
	left    int
	reserve int
}

// fits tells whether there is room for a video to be sent so; more than before leaves the reserve free.
func (a *allocation) fits(i, layer, skip, need int) bool {
	v := &a.videos[i]
	if layer > v.Current || layer == v.Current && skip < v.CurrentSkip {
		need += a.reserve
	}
	return need <= a.left
}

func (a *allocation) take(i, layer, skip int) {
	v, c := &a.videos[i], &a.choices[i]
	if c.Layer != None {
		a.left += v.cost(c.Layer, c.Skip)
	}
	*c = Choice{Layer: layer, Skip: skip}
	a.left -= v.cost(layer, skip)
}

// share gives a shared screen the largest picture with as many frames as fit.
func (a *allocation) share(i int) {
	v := &a.videos[i]
	for layer := a.wanted[i]; layer != None; layer = v.before(layer) {
		for skip := range v.Temporals(layer) {
			if a.fits(i, layer, skip, v.cost(layer, skip)) {
				a.take(i, layer, skip)
				return
			}
		}
	}
	layer := v.next(None)
	if skip := v.Temporals(layer) - 1; a.fits(i, layer, skip, min(shareFloor, v.cost(layer, skip))) {
		a.take(i, layer, skip)
	}
}

// begin gives a video its smallest layer with the fewest frames.
func (a *allocation) begin(i int) {
	v := &a.videos[i]
	layer := v.next(None)
	if skip := v.Temporals(layer) - 1; a.fits(i, layer, skip, v.cost(layer, skip)) {
		a.take(i, layer, skip)
	}
}

// raise gives a video all of its frames and then larger layers, up to the wanted one and by so many steps.
func (a *allocation) raise(i, steps int) {
	v, c := &a.videos[i], &a.choices[i]
	if c.Layer == None {
		return
	}
	for c.Skip > 0 {
		if !a.fits(i, c.Layer, c.Skip-1, v.cost(c.Layer, c.Skip-1)-v.cost(c.Layer, c.Skip)) {
			return
		}
		a.take(i, c.Layer, c.Skip-1)
	}
	for ; steps > 0 && c.Layer < a.wanted[i]; steps-- {
		up := v.next(c.Layer)
		if up == None || up > a.wanted[i] || !a.fits(i, up, 0, v.cost(up, 0)-v.cost(c.Layer, 0)) {
			return
		}
		a.take(i, up, 0)
	}
}

// next returns the next larger layer that flows, None when there is none.
func (v *Video) next(at int) int {
	for i := at + 1; i < len(v.Layers); i++ {
		if v.Layers[i].Flows {
			return i
		}
	}
	return None
}

// before returns the next smaller layer that flows, None when there is none.
func (v *Video) before(at int) int {
	for i := at - 1; i >= 0; i-- {
		if v.Layers[i].Flows {
			return i
		}
	}
	return None
}

// wanted returns the smallest layer that flows and fills the tile, else the largest that flows.
func (v *Video) wanted() int {
	best := None
	for i := range v.Layers {
		if !v.Layers[i].Flows {
			continue
		}
		best = i
		if v.fills(i) {
			break
		}
	}
	return best
}

// fills tells whether a layer's picture is large enough for the tile it is fitted into.
func (v *Video) fills(i int) bool {
	w, h := v.size(i)
	shown := min(float64(v.Height), float64(v.Width)*float64(h)/float64(w))
	factor := enlarge
	if i < v.Current {
		factor = shrink
	}
	return float64(h)*factor >= shown
}

// size returns a layer's picture size, guessed from its place when it is not known: the largest is taken for 720p.
func (v *Video) size(i int) (w, h int) {
	if l := v.Layers[i]; l.Width > 0 && l.Height > 0 {
		return l.Width, l.Height
	}
	shift := len(v.Layers) - 1 - i
	return 1280 >> shift, 720 >> shift
}

// Temporals returns how many temporal layers a layer has.
func (v *Video) Temporals(i int) int {
	n := 1
	for _, rate := range v.Layers[i].Temporal {
		if rate > 0 {
			n++
		}
	}
	return n
}

// cost returns a layer's rate without its highest temporal layers, guessed from its picture when it is not measured yet.
func (v *Video) cost(i, skip int) int {
	l := &v.Layers[i]
	if skip > 0 {
		return l.Temporal[v.Temporals(i)-1-skip]
	}
	if l.BitsPerSecond > 0 {
		return l.BitsPerSecond
	}
	w, h := v.size(i)
	return 60_000 + w*h*3/2
}
