package sfu

// audience is who gets the packets of a layer. It is not changed any more once it is made.
type audience struct {
	all   []consumer
	sinks []*sinkFeed
	lanes []laneDowns
}

// laneDowns are the down-tracks of one lane.
type laneDowns struct {
	lane  *lane
	downs []*downTrack
}

func newAudience(all []consumer) *audience {
	a := &audience{all: all}
	at := map[*lane]int{}
	for _, c := range all {
		switch c := c.(type) {
		case *sinkFeed:
			a.sinks = append(a.sinks, c)
		case *downTrack:
			i, ok := at[c.sub.lane]
			if !ok {
				i = len(a.lanes)
				at[c.sub.lane] = i
				a.lanes = append(a.lanes, laneDowns{lane: c.sub.lane})
			}
			a.lanes[i].downs = append(a.lanes[i].downs, c)
		}
	}
	return a
}
