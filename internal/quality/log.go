package quality

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// BlockLength is how much of a meeting one block covers.
const BlockLength = time.Minute

// maxTrackSeries bounds a block against clients that publish something new all the time: 300 people who send three
// publications and receive 55 have 17,400 series. What is over it is not noted; people always are. It is about 30 MB.
const maxTrackSeries = 30_000

// Block is up to BlockLength of a meeting, encoded. A block that is still written has the same ID each time, and replaces
// what it was before.
type Block struct {
	ID                 uuid.UUID
	StartedAt, EndedAt time.Time
	Troubled           []string // participants whose verdict was not good at some time, sorted
	People             []byte   // of participants, see DecodePeople
	Tracks             []byte   // of publications, see DecodeTracks
}

// Log is the block that is being written. It is not safe for concurrent use.
//
// 50 people who all see 18 others and hear 24 take 2 MB while a minute is open, and less than 200 kB of storage for it when
// it is closed, 44 MB in four hours; a test holds both.
type Log struct {
	id        uuid.UUID
	startedAt time.Time
	lastAt    time.Time
	ticks     int
	gaps      column // whole seconds between ticks
	troubled  map[string]bool
	people    map[string]*series
	sent      map[trackKey]*series
	received  map[trackKey]*series
	done      doneSeries
	tracks    int // series of publications, open and done
}

// trackKey names a publication at a participant.
type trackKey struct{ participant, publication, source string }

// series are the columns of something that was measured at each tick from start on.
type series struct {
	key     trackKey // publication and source are empty for people
	start   int
	rows    int
	columns []column
}

// doneSeries are those that had no row at a later tick.
type doneSeries struct{ people, sent, received []*series }

// NewLog begins a block.
func NewLog(at time.Time) *Log {
	id, err := uuid.NewV7()
	if err != nil { // the system has no randomness
		panic(err)
	}
	return &Log{
		id: id, startedAt: at, lastAt: at, troubled: map[string]bool{}, people: map[string]*series{},
		sent: map[trackKey]*series{}, received: map[trackKey]*series{},
	}
}

// Full tells whether a second at that time belongs into another block.
func (l *Log) Full(at time.Time) bool { return at.Sub(l.startedAt) >= BlockLength }

// Empty tells whether the block has no second yet.
func (l *Log) Empty() bool { return l.ticks == 0 }

// Tick begins a second. Person, Sent and Received belong to the last one, and take each key once.
func (l *Log) Tick(at time.Time) {
	l.gaps.add(int64(max(0, at.Sub(l.lastAt).Round(time.Second)/time.Second)))
	l.lastAt = at
	l.ticks++
}

// Person notes a second of a participant.
func (l *Log) Person(participant string, s Second) {
	if s.Verdict.Level > Good {
		l.troubled[participant] = true
	}
	add(l.people, &l.done.people, participant, trackKey{participant: participant}, l.ticks, s.columns())
}

// Sent notes a second of a publication at its publisher. The source is what signaling calls it: microphone, camera, ….
func (l *Log) Sent(participant, publication, source string, s Sent) {
	key := trackKey{participant, publication, source}
	if l.roomFor(l.sent[key]) {
		add(l.sent, &l.done.sent, key, key, l.ticks, s.columns())
	}
}

// Received notes a second of a publication at somebody who receives it.
func (l *Log) Received(participant, publication, source string, r Received) {
	key := trackKey{participant, publication, source}
	if l.roomFor(l.received[key]) {
		add(l.received, &l.done.received, key, key, l.ticks, r.columns())
	}
}

// roomFor tells whether a row of a publication may be noted, which begins a series unless the open one goes on.
func (l *Log) roomFor(open *series) bool {
	if open.continues(l.ticks) {
		return true
	}
	if l.tracks == maxTrackSeries {
		return false
	}
	l.tracks++
	return true
}

// continues tells whether the series had a row at the tick before.
func (s *series) continues(ticks int) bool { return s != nil && s.start+s.rows == ticks-1 }

// add appends a row. A series that missed a tick is closed and another one begun.
func add[K comparable](open map[K]*series, done *[]*series, at K, key trackKey, ticks int, row []int64) {
	s := open[at]
	if s != nil && !s.continues(ticks) {
		*done = append(*done, s)
		s = nil
	}
	if s == nil {
		s = &series{key: key, start: ticks - 1, columns: make([]column, len(row))}
		open[at] = s
	}
	for i, v := range row {
		s.columns[i].add(v)
	}
	s.rows++
}

// Block encodes what was noted. The log may go on.
func (l *Log) Block() Block {
	b := Block{ID: l.id, StartedAt: l.startedAt, EndedAt: l.lastAt, Troubled: []string{}}
	for id := range l.troubled {
		b.Troubled = append(b.Troubled, id)
	}
	slices.Sort(b.Troubled)
	b.People = l.encode(all(l.people, l.done.people))
	b.Tracks = l.encode(all(l.sent, l.done.sent), all(l.received, l.done.received))
	return b
}

// all lists the series, in a stable order so that like stands beside like.
func all[K comparable](open map[K]*series, done []*series) []*series {
	list := slices.Clone(done)
	for _, s := range open {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b *series) int { return compareSeries(a, b) })
	return list
}
