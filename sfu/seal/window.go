package seal

const (
	// windowWords bounds how far behind the newest packet a late one may be: 64 packets a word.
	windowWords = 16
	windowSize  = 64 * windowWords
)

// window remembers which indexes were used: every one that is not too old. The zero value is ready.
type window struct {
	highest uint64
	started bool
	bits    [windowWords]uint64 // bit i%windowSize: index i was used
}

// fresh tells whether an index was not used yet and is not too old to tell.
func (w *window) fresh(index uint64) bool {
	switch {
	case index >= maxIndex:
		return false
	case !w.started || index > w.highest:
		return true
	}
	return w.highest-index < windowSize && w.bits[index%windowSize/64]&(1<<(index%64)) == 0
}

// take marks an index as used; false when it is not fresh.
func (w *window) take(index uint64) bool {
	switch {
	case !w.fresh(index):
		return false
	case !w.started:
		w.started, w.highest = true, index
	case index > w.highest:
		if index-w.highest >= windowSize {
			w.bits = [windowWords]uint64{}
		} else {
			for i := w.highest + 1; i < index; i++ {
				w.bits[i%windowSize/64] &^= 1 << (i % 64)
			}
		}
		w.highest = index
	}
	w.bits[index%windowSize/64] |= 1 << (index % 64)
	return true
}
