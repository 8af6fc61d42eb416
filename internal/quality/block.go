package quality

import (
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"time"
)

// A part of a block is, compressed by DEFLATE (RFC 1951): the version, the start in Unix milliseconds, the number of ticks
// and the column of seconds between them, the names (ids and sources) that follow, and for each group of series its
// number and each series: three names, the first tick, the number of rows, the columns. Numbers are varints, strings and
// columns have their length in front.
const blockVersion = 1

// Bounds of what is decoded.
const (
	maxDecoded = 64 << 20
	maxTicks   = 4 * int(BlockLength/time.Second)
)

func compareSeries(a, b *series) int {
	return cmp.Or(
		cmp.Compare(a.key.participant, b.key.participant), cmp.Compare(a.key.publication, b.key.publication),
		cmp.Compare(a.start, b.start),
	)
}

func (l *Log) encode(groups ...[]*series) []byte {
	b := []byte{blockVersion}
	b = binary.AppendVarint(b, l.startedAt.UnixMilli())
	b = binary.AppendUvarint(b, uint64(l.ticks))
	b = l.gaps.appendTo(b)

	var names []string
	index := map[string]uint64{}
	name := func(s string) uint64 {
		at, known := index[s]
		if !known {
			at = uint64(len(names))
			index[s] = at
			names = append(names, s)
		}
		return at
	}
	var body []byte
	for _, group := range groups {
		body = binary.AppendUvarint(body, uint64(len(group)))
		for _, s := range group {
			for _, text := range []string{s.key.participant, s.key.publication, s.key.source} {
				body = binary.AppendUvarint(body, name(text))
			}
			body = binary.AppendUvarint(body, uint64(s.start))
			body = binary.AppendUvarint(body, uint64(s.rows))
			for i := range s.columns {
				body = s.columns[i].appendTo(body)
			}
		}
	}
	b = binary.AppendUvarint(b, uint64(len(names)))
	for _, s := range names {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	return deflate(append(b, body...))
}

// deflate writes into memory, which does not fail.
func deflate(b []byte) []byte {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestSpeed)
	if err != nil {
		panic(err)
	}
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

// Timed is a row with the moment it stands for.
type Timed[R any] struct {
	At  time.Time
	Row R
}

// PersonLog is a participant's part of a block.
type PersonLog struct {
	ParticipantID string
	Seconds       []Timed[Second]
}

// TrackLog is a publication's part of a block, at its publisher or at a receiver.
type TrackLog[R any] struct {
	ParticipantID, PublicationID, Source string
	Seconds                              []Timed[R]
}

// DecodePeople reads Block.People.
func DecodePeople(part []byte) ([]PersonLog, error) {
	r, err := open(part)
	if err != nil {
		return nil, err
	}
	list := group(r, secondColumns, secondOf)
	people := make([]PersonLog, len(list))
	for i, x := range list {
		people[i] = PersonLog{x.ParticipantID, x.Seconds}
	}
	return people, r.end()
}

// DecodeTracks reads Block.Tracks.
func DecodeTracks(part []byte) (sent []TrackLog[Sent], received []TrackLog[Received], err error) {
	r, err := open(part)
	if err != nil {
		return nil, nil, err
	}
	sent = group(r, sentColumns, sentOf)
	received = group(r, receivedColumns, receivedOf)
	return sent, received, r.end()
}

// reader takes a part to pieces. After its first error everything it reads is zero.
type reader struct {
	rest  []byte
	err   error
	times []time.Time
	names []string
}

func open(part []byte) (*reader, error) {
	b, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(part)), maxDecoded+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errCorrupt, err)
	}
	if len(b) == 0 || len(b) > maxDecoded || b[0] != blockVersion {
		return nil, errCorrupt
	}
	r := &reader{rest: b[1:]}
	start, n := binary.Varint(r.rest)
	if n <= 0 {
		return nil, errCorrupt
	}
	r.rest = r.rest[n:]
	ticks := r.number(maxTicks)
	gaps := r.column(ticks)
	at := time.UnixMilli(start).UTC()
	for _, seconds := range gaps {
		at = at.Add(time.Duration(seconds) * time.Second)
		r.times = append(r.times, at)
	}
	for range r.number(len(r.rest)) {
		r.names = append(r.names, string(r.take(r.number(len(r.rest)))))
	}
	return r, r.err
}

// group reads series of so many columns.
func group[R any](r *reader, columns int, row func([]int64) R) []TrackLog[R] {
	count := r.number(len(r.rest))
	list := make([]TrackLog[R], 0, min(count, 4096))
	for range count {
		x := TrackLog[R]{ParticipantID: r.name(), PublicationID: r.name(), Source: r.name()}
		start := r.number(len(r.times))
		rows := r.number(len(r.times) - start)
		values := make([][]int64, columns)
		for i := range values {
			values[i] = r.column(rows)
		}
		if r.err != nil {
			return nil
		}
		line := make([]int64, columns)
		x.Seconds = make([]Timed[R], rows)
		for i := range rows {
			for c := range values {
				line[c] = values[c][i]
			}
			x.Seconds[i] = Timed[R]{r.times[start+i], row(line)}
		}
		list = append(list, x)
	}
	return list
}

func (r *reader) fail() { r.err, r.rest = errCorrupt, nil }

// number reads a number of at most most.
func (r *reader) number(most int) int {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v > uint64(max(0, most)) {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return int(v)
}

func (r *reader) take(length int) []byte {
	if length > len(r.rest) {
		r.fail()
		return nil
	}
	taken := r.rest[:length]
	r.rest = r.rest[length:]
	return taken
}

func (r *reader) name() string {
	at := r.number(len(r.names))
	if at >= len(r.names) {
		r.fail()
		return ""
	}
	return r.names[at]
}

func (r *reader) column(rows int) []int64 {
	b := r.take(r.number(len(r.rest)))
	if r.err != nil {
		return nil
	}
	values, err := decodeColumn(b, rows)
	if err != nil {
		r.fail()
		return nil
	}
	return values
}

func (r *reader) end() error {
	if r.err == nil && len(r.rest) > 0 {
		r.fail()
	}
	return r.err
}
