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
	// margin is the room beyond its rate that a layer needs before it is begun; one that flows needs none.
	margin = 1.15
	// shareShort is the share of its rate that must be there for a shared screen to go on.
	shareShort = 0.6
)

// Layer is one layer of a video.
type Layer struct {
	// Height and Width are the picture's, 0 when not known yet.
	Width, Height int
	// BitsPerSecond is its measured rate, 0 when not known.
	BitsPerSecond int
	// Flows tells whether packets come in.
	Flows bool
}

// Video is a subscribed video and how it is shown.
type Video struct {
	Layers []Layer // the smallest first
	// Width and Height are those of the tile in device pixels; 0 by 0 when it is not visible.
	Width, Height int
	Pinned        bool
	Share         bool
	// Current is the layer that was chosen before, or None.
	Current int
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
}

// Choose decides for all videos of a subscriber within a budget in bits per second. Choices are in the order of videos.
func Choose(videos []Video, budget int) []Choice {
	choices := make([]Choice, len(videos))
	wanted := make([]int, len(videos))
	var order []int
	for i := range videos {
		v := &videos[i]
		wanted[i] = v.wanted()
		switch {
		case v.Width <= 0 || v.Height <= 0:
			choices[i] = Choice{None, Hidden}
		case wanted[i] == None:
			choices[i] = Choice{None, NoLayer}
		default:
			choices[i] = Choice{None, Bandwidth}
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return compare(&videos[a], &videos[b]) })
	a := allocation{videos: videos, wanted: wanted, choices: choices, left: budget}
	for _, i := range order {
		if videos[i].Share {
			a.begin(i)
			a.raise(i)
		}
	}
	for _, i := range order {
		if !videos[i].Share {
			a.begin(i)
		}
	}
	for _, i := range order {
		if choices[i].Layer != None {
			a.raise(i)
		}
	}
	return choices
}

// Demand returns the bits per second with which every video that is shown would get the layer that it wants.
func Demand(videos []Video) int {
	sum := 0.0
	for i := range videos {
		v := &videos[i]
		if w := v.wanted(); w != None && v.Width > 0 && v.Height > 0 {
			sum += float64(v.cost(w)) * margin
		}
	}
	return int(sum)
}

// compare orders videos by what they matter.
func compare(a, b *Video) int {
	rank := func(v *Video) int {
		switch {
		case v.Share:
			return 0
		case v.Pinned:
			return 1
		}
		return 2
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Width*b.Height, a.Width*a.Height))
}

type allocation struct {
	videos  []Video
	wanted  []int
	choices []Choice
	left    int
}

// begin gives a video its smallest layer that flows.
func (a *allocation) begin(i int) {
	v := &a.videos[i]
	first := v.next(None)
	need := float64(v.cost(first))
	switch {
	case v.Share:
		need *= shareShort
	case v.Current == None:
		need *= margin
	}
	if need > float64(a.left) {
		return
	}
	a.choices[i] = Choice{first, Sent}
	a.left -= v.cost(first)
}

// raise gives a video larger layers up to the wanted one.
func (a *allocation) raise(i int) {
	v := &a.videos[i]
	for at := a.choices[i].Layer; at != None && at < a.wanted[i]; {
		up := v.next(at)
		if up == None || up > a.wanted[i] {
			return
		}
		more := v.cost(up) - v.cost(at)
		need := float64(more)
		if up > v.Current {
			need = float64(v.cost(up))*margin - float64(v.cost(at))
		}
		if need > float64(a.left) {
			return
		}
		a.left -= more
		a.choices[i].Layer, at = up, up
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

// cost returns a layer's rate, guessed from its picture when it is not measured yet.
func (v *Video) cost(i int) int {
	if r := v.Layers[i].BitsPerSecond; r > 0 {
		return r
	}
	w, h := v.size(i)
	return 60_000 + w*h*3/2
}
