package feedback

import (
	"encoding/binary"
	"errors"
	"slices"
	"sync"

	"github.com/pion/rtcp"
)

// ErrShort is returned for a packet that is shorter than it says.
var ErrShort = errors.New("feedback: packet is truncated")

// Each calls f with every packet of a compound packet that can be read, until the end or where it is damaged. Transport-wide
// feedback is valid during the call only.
func Each(compound []byte, f func(rtcp.Packet)) {
	for len(compound) >= 4 {
		size := 4 * (1 + int(binary.BigEndian.Uint16(compound[2:])))
		if compound[0]>>6 != 2 || size > len(compound) {
			return
		}
		one(compound[:size], f)
		compound = compound[size:]
	}
}

func one(b []byte, f func(rtcp.Packet)) {
	if b[1] == byte(rtcp.TypeTransportSpecificFeedback) && b[0]&0x1f == rtcp.FormatTCC {
		w := wides.Get().(*wide)
		defer wides.Put(w)
		if w.read(b) == nil {
			f(&w.packet)
		}
		return
	}
	list, err := rtcp.Unmarshal(b)
	if err != nil {
		return
	}
	for _, p := range list {
		f(p)
	}
}

var wides = sync.Pool{New: func() any { return new(wide) }}

// wide is transport-wide feedback in memory that is used again.
type wide struct {
	packet  rtcp.TransportLayerCC
	runs    []rtcp.RunLengthChunk
	vectors []rtcp.StatusVectorChunk
	symbols []uint16
	deltas  []rtcp.RecvDelta
}

// Places in transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).
const (
	wideSender = 4
	wideMedia  = 8
	wideBase   = 12
	wideCount  = 14
	wideTime   = 16
	wideChunks = 20
	chunkSize  = 2
	vectorMost = 14 // symbols
)

// read reads one whole packet.
func (w *wide) read(b []byte) error {
	if len(b) < wideChunks {
		return ErrShort
	}
	// Nothing grows any more once something points into it.
	most := (len(b) - wideChunks) / chunkSize
	w.runs, w.vectors = slices.Grow(w.runs[:0], most), slices.Grow(w.vectors[:0], most)
	w.symbols, w.deltas = slices.Grow(w.symbols[:0], vectorMost*most), slices.Grow(w.deltas[:0], len(b))
	p := &w.packet
	*p = rtcp.TransportLayerCC{
		SenderSSRC: binary.BigEndian.Uint32(b[wideSender:]), MediaSSRC: binary.BigEndian.Uint32(b[wideMedia:]),
		BaseSequenceNumber: binary.BigEndian.Uint16(b[wideBase:]), PacketStatusCount: binary.BigEndian.Uint16(b[wideCount:]),
		ReferenceTime: binary.BigEndian.Uint32(b[wideTime:]) >> 8, FbPktCount: b[wideTime+3],
		PacketChunks: p.PacketChunks[:0], RecvDeltas: p.RecvDeltas[:0],
	}
	if err := p.Header.Unmarshal(b); err != nil {
		return err
	}
	at := wideChunks
	for told := 0; told < int(p.PacketStatusCount); at += chunkSize {
		if at+chunkSize > len(b) {
			return ErrShort
		}
		told += w.chunk(binary.BigEndian.Uint16(b[at:]), int(p.PacketStatusCount)-told)
	}
	return w.times(b[at:])
}

// chunk takes a chunk and returns how many packets it tells of; left are not told of yet.
func (w *wide) chunk(c uint16, left int) int {
	p := &w.packet
	if c>>15 == rtcp.TypeTCCRunLengthChunk {
		w.runs = append(w.runs, rtcp.RunLengthChunk{PacketStatusSymbol: c >> 13 & 3, RunLength: c & 0x1fff})
		run := &w.runs[len(w.runs)-1]
		p.PacketChunks = append(p.PacketChunks, run)
		n := min(int(run.RunLength), left)
		for i := 0; i < n && w.expect(run.PacketStatusSymbol); i++ {
		}
		return n
	}
	size := c >> 14 & 1
	bits := 1 + size // rtcp.TypeTCCSymbolSizeOneBit and TwoBit
	n, first := vectorMost/int(bits), len(w.symbols)
	for i := range uint16(n) {
		w.symbols = append(w.symbols, c>>(vectorMost-bits*(i+1))&(1<<bits-1))
	}
	list := w.symbols[first:]
	w.vectors = append(w.vectors, rtcp.StatusVectorChunk{Type: rtcp.TypeTCCStatusVectorChunk, SymbolSize: size, SymbolList: list})
	p.PacketChunks = append(p.PacketChunks, &w.vectors[len(w.vectors)-1])
	for _, s := range list {
		w.expect(s)
	}
	return n
}

// expect notes that a packet came whose time is told; false when it did not, or when there cannot be that many times.
func (w *wide) expect(symbol uint16) bool {
	if symbol != rtcp.TypeTCCPacketReceivedSmallDelta && symbol != rtcp.TypeTCCPacketReceivedLargeDelta {
		return false
	}
	if len(w.deltas) == cap(w.deltas) {
		return false
	}
	w.deltas = append(w.deltas, rtcp.RecvDelta{Type: symbol})
	w.packet.RecvDeltas = append(w.packet.RecvDeltas, &w.deltas[len(w.deltas)-1])
	return true
}

// times reads when packets came.
func (w *wide) times(b []byte) error {
	for i := range w.deltas {
		d := &w.deltas[i]
		size := 1
		if d.Type == rtcp.TypeTCCPacketReceivedLargeDelta {
			size = 2
		}
		if size > len(b) {
			return ErrShort
		}
		d.Delta = rtcp.TypeTCCDeltaScaleFactor * int64(b[0])
		if size == 2 {
			d.Delta = rtcp.TypeTCCDeltaScaleFactor * int64(int16(binary.BigEndian.Uint16(b)))
		}
		b = b[size:]
	}
	return nil
}
