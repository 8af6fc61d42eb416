package store

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"parley/whiteboard/store/storedb"
	"parley/whiteboard/ydoc"
)

// maxChain bounds how many rows of history a state is made of, besides the rule of historyDoc.add.
const maxChain = 120

// unbounded is for what was taken under the limits of its time.
var unbounded = ydoc.Limits{Update: math.MaxInt, State: math.MaxInt, Pending: math.MaxInt, Work: math.MaxInt}

// span sums up changes that follow each other.
type span struct {
	seq       int64 // of the last one
	since, at time.Time
	authors   []string // in the order of the alphabet
	updates   int64
	bytes     int64
}

// holds tells whether a change belongs to the span: it is empty, or of the same minute.
func (s *span) holds(at time.Time) bool {
	return s.updates == 0 || s.at.Truncate(time.Minute).Equal(at.Truncate(time.Minute))
}

func (s *span) add(o span) {
	if s.updates == 0 {
		s.since = o.since
	}
	s.seq, s.at = o.seq, o.at
	s.updates += o.updates
	s.bytes += o.bytes
	authors := append(append(make([]string, 0, len(s.authors)+len(o.authors)), s.authors...), o.authors...)
	slices.Sort(authors)
	s.authors = slices.Compact(authors)
}

func spanOf(seq int64, at time.Time, author string, bytes int64) span {
	s := span{seq: seq, since: at, at: at, updates: 1, bytes: bytes}
	if author != "" {
		s.authors = []string{author}
	}
	return s
}

// moment is a row of history.
type moment struct {
	span
	whole   bool
	content []byte // packed
}

// folded is what the state and the changes after it become.
type folded struct {
	span          // the minute that the state ends in
	state         []byte
	historyVector []byte
	moments       []moment // minutes that ended
}

// fold makes one state of a head and the changes after it. chain is called when a minute ended, for the rows that the state
// at the newest row of history is made of. What fold answers was read again and compared.
func fold(head storedb.HeadRow, rows []logRow, chain func() ([]storedb.HistoryUntilRow, error)) (*folded, error) {
	state, err := unpack(head.State)
	if err != nil {
		return nil, err
	}
	doc, err := ydoc.Load(unbounded, state)
	if err != nil {
		return nil, fmt.Errorf("load state %d: %w", head.Seq, err)
	}
	f := &folded{span: headSpan(head), historyVector: head.HistoryVector}
	var history *historyDoc
	for _, row := range rows {
		if !f.holds(row.At) {
			if history == nil {
				if history, err = openHistory(head, chain); err != nil {
					return nil, err
				}
			}
			m, err := history.add(f.span, doc)
			if err != nil {
				return nil, err
			}
			f.moments = append(f.moments, m)
			f.historyVector = doc.StateVector().Encode()
			f.span = span{}
		}
		if _, err := doc.Apply(row.Update); err != nil {
			return nil, fmt.Errorf("apply change %d: %w", row.Seq, err)
		}
		f.add(spanOf(row.Seq, row.At, row.Author, int64(len(row.Update))))
	}
	if state, err = doc.Compact(); err != nil {
		return nil, err
	}
	f.state = pack(state)
	return f, nil
}

func headSpan(h storedb.HeadRow) span {
	return span{seq: h.Seq, since: h.Since, at: h.At, authors: h.Authors, updates: h.Updates, bytes: h.Bytes}
}

// historyDoc is the document at the newest row of history, made of the rows alone.
type historyDoc struct {
	doc    *ydoc.Doc        // nil before the first row
	vector ydoc.StateVector // of doc
	rows   int              // since the last whole one, and with it
	bytes  int              // of the rows after the last whole one
	whole  int              // bytes of the last whole one
}

func openHistory(head storedb.HeadRow, chain func() ([]storedb.HistoryUntilRow, error)) (*historyDoc, error) {
	h := &historyDoc{}
	if len(head.HistoryVector) == 0 {
		return h, nil
	}
	rows, err := chain()
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if err := h.read(row.Whole, row.Content); err != nil {
			return nil, fmt.Errorf("history at %d: %w", row.Seq, err)
		}
	}
	if h.vector, err = ydoc.DecodeStateVector(head.HistoryVector); err != nil {
		return nil, fmt.Errorf("history vector: %w", err)
	}
	return h, nil
}

// read goes on by one row.
func (h *historyDoc) read(whole bool, content []byte) error {
	update, err := unpack(content)
	if err != nil {
		return err
	}
	if whole {
		if h.doc, err = ydoc.Load(unbounded, update); err != nil {
			return err
		}
		h.rows, h.bytes, h.whole = 1, 0, len(content)
		return nil
	}
	if h.doc == nil {
		return errors.New("no whole state before it")
	}
	if _, err := h.doc.Apply(update); err != nil {
		return err
	}
	h.rows++
	h.bytes += len(content)
	return nil
}

// add makes the next row of what doc shows: what is new in it, or the whole once the rows since the last whole one
// outweigh it. The rows alone must then show the same.
func (h *historyDoc) add(s span, doc *ydoc.Doc) (moment, error) {
	m := moment{span: s, whole: h.doc == nil || h.rows >= maxChain || h.bytes > h.whole}
	if m.whole {
		m.content = pack(doc.Encode())
	} else {
		m.content = pack(doc.Diff(h.vector))
	}
	if err := h.read(m.whole, m.content); err != nil {
		return moment{}, fmt.Errorf("read history at %d again: %w", s.seq, err)
	}
	if !h.doc.Equal(doc) {
		return moment{}, fmt.Errorf("history at %d differs from the changes before it", s.seq)
	}
	h.vector = doc.StateVector()
	return m, nil
}
